/** What the admin reads of patterns. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import type { EnhancementState, PromptTemplate } from '../../words/enhancement.ts'
import { toIso, toPage, type Page } from '../page.ts'

export interface PatternItem {
  id: string
  title: string
  type: string
  /** `learned`: a template was found; `opening`: so far its prompts only begin alike. */
  source: 'opening' | 'learned'
  /** `retired`: too few prompts follow it any more. Merged ones are answered by what they became part of. */
  state: 'active' | 'retired' | 'merged'
  muted: boolean
  /** Who named it, where a person did. */
  titledBy: string | null
  team: string
  template: PromptTemplate
  templateVersion: number
  frequency: number
  successes: number
  failures: number
  /** `null` until an exchange has a verdict. */
  successRate: number | null
  firstSeen: string
  lastSeen: string
  /** The newest proposal for it, if there ever was one. */
  enhancementId: string | null
  enhancementState: EnhancementState | null
}

/** `newest` is by first appearance, which never changes; the others are by what is known now. */
export type PatternOrder = 'newest' | 'frequent'

interface PatternRow extends Omit<PatternItem, 'frequency' | 'successes' | 'failures'> {
  frequency: string
  successes: string
  failures: string
}

const columns = sql`p.id, p.title, p.pattern_type as type, p.source, p.state, p.muted, p.titled_by as "titledBy", p.team,
  p.pattern_data as template, p.template_version as "templateVersion", p.frequency, p.successes, p.failures, p.success_rate as "successRate",
  p.first_seen as "firstSeen", p.last_seen as "lastSeen", e.id as "enhancementId", e.state as "enhancementState"`
const source = sql`prompt_patterns p left join lateral
  (select n.id, n.state from prompt_patterns s join enhancements n on n.pattern_id = s.id
    where s.id = p.id or s.merged_into = p.id order by n.created_at desc, n.id desc limit 1) e on true`

export type PatternRepository = ReturnType<typeof createPatternRepository>

export function createPatternRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  return {
    /** Those that have exchanges: what was merged away or has none yet is no pattern to look at. */
    async list(
      order: PatternOrder,
      limit: number,
      cursor: { frequency: number; id: string } | null,
    ): Promise<Page<PatternItem>> {
      const after =
        cursor === null
          ? sql`true`
          : order === 'newest'
            ? sql`p.id < ${cursor.id}`
            : sql`(p.frequency, p.id) < (${cursor.frequency}::bigint, ${cursor.id}::uuid)`
      const by = order === 'newest' ? sql`p.id desc` : sql`p.frequency desc, p.id desc`
      const { rows } =
        await sql<PatternRow>`select ${columns} from ${source} where p.frequency > 0 and ${after} order by ${by} limit ${limit + 1}`.execute(
          database,
        )
      return toPage(rows, limit, toItem, (row) => toPatternCursor(Number(row.frequency), row.id))
    },

    /** Of a merged pattern, the one that it is part of. */
    async find(id: string): Promise<PatternItem | null> {
      const { rows } = await sql<PatternRow>`
        select ${columns} from ${source} where p.id = (select coalesce(merged_into, id) from prompt_patterns where id = ${id}::uuid)`.execute(
        database,
      )
      return rows[0] ? toItem(rows[0]) : null
    },
  }
}

export function toPatternCursor(frequency: number, id: string): string {
  return `${frequency}.${id}`
}

function toItem(row: PatternRow): PatternItem {
  return {
    id: row.id,
    title: row.title,
    type: row.type,
    source: row.source,
    state: row.state,
    muted: row.muted,
    titledBy: row.titledBy,
    team: row.team,
    template: row.template,
    templateVersion: row.templateVersion,
    frequency: Number(row.frequency),
    successes: Number(row.successes),
    failures: Number(row.failures),
    successRate: row.successRate,
    firstSeen: toIso(row.firstSeen),
    lastSeen: toIso(row.lastSeen),
    enhancementId: row.enhancementId,
    enhancementState: row.enhancementState,
  }
}
