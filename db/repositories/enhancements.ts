/** What the admin reads of enhancements, and how a person decides one. */
import { LockMode, type MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { Enhancement } from '../entities/enhancement.ts'
import type { EnhancementState, PromptTemplate } from '../types.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from './outgoing-commands.ts'
import { toIso, toIsoOrNull, toPage, type Page } from './page.ts'

export interface EnhancementItem {
  id: string
  patternId: string
  patternTitle: string
  patternFrequency: number
  patternSuccessRate: number | null
  patternVersion: number
  state: EnhancementState
  version: number
  type: string
  mode: string | null
  original: PromptTemplate
  /** A `null` member leaves that part unchanged; `null` as a whole = there is no proposal. */
  enhanced: PromptTemplate | null
  reason: string | null
  risks: string[]
  source: string
  failure: string | null
  decidedBy: string | null
  decidedAt: string | null
  decisionReason: string | null
  applied: number
  /** Success rate of the exchanges it was applied to. */
  effectiveness: number | null
  createdAt: string
  updatedAt: string
}

export interface Decision {
  id: string
  /** The version the person saw. */
  version: number
  state: 'approved' | 'rejected'
  mode: 'serve' | null
  person: string
  reason: string | null
  /** Tells the waiting workflow. */
  command: OutgoingCommand
}

/** `stale`: it is not what the person saw. `decided`: there is nothing to decide (any more). `occupied`: another one of its pattern is served. */
export type DecisionResult = { kind: 'done' } | { kind: 'missing' } | { kind: 'stale'; version: number } | { kind: 'decided'; state: EnhancementState; decidedBy: string | null } | { kind: 'occupied' }

interface EnhancementRow extends Omit<EnhancementItem, 'patternFrequency' | 'applied'> {
  patternFrequency: string
  applied: string
}

const columns = sql`e.id, e.pattern_id as "patternId", p.title as "patternTitle", p.frequency as "patternFrequency", p.success_rate as "patternSuccessRate",
  e.pattern_version as "patternVersion", e.state, e.version, e.enhancement_type as type, e.mode, e.original_prompt as original, e.enhanced_prompt as enhanced,
  e.reason, e.risks, e.source, e.failure, e.decided_by as "decidedBy", e.decided_at as "decidedAt", e.decision_reason as "decisionReason",
  e.applied, e.effectiveness, e.created_at as "createdAt", e.updated_at as "updatedAt"`
const source = sql`enhancements e join prompt_patterns p on p.id = e.pattern_id`

export type EnhancementRepository = ReturnType<typeof createEnhancementRepository>

export function createEnhancementRepository(orm: MikroORM) {
  const database = orm.em.fork().getKysely()

  return {
    async list(filter: { state?: EnhancementState | undefined; patternId?: string | undefined }, limit: number, cursor: string | null): Promise<Page<EnhancementItem>> {
      const conditions = [sql`true`]
      if (filter.state) conditions.push(sql`e.state = ${filter.state}`)
      if (filter.patternId) conditions.push(sql`e.pattern_id = ${filter.patternId}`)
      if (cursor !== null) conditions.push(sql`e.id < ${cursor}`)
      const { rows } = await sql<EnhancementRow>`select ${columns} from ${source} where ${sql.join(conditions, sql` and `)}
        order by e.id desc limit ${limit + 1}`.execute(database)
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    async find(id: string): Promise<EnhancementItem | null> {
      const { rows } = await sql<EnhancementRow>`select ${columns} from ${source} where e.id = ${id}`.execute(database)
      return rows[0] ? toItem(rows[0]) : null
    },

    /** One transaction: the row is locked, so of two people who decide at once one is told that the other was first. */
    async decide(decision: Decision): Promise<DecisionResult> {
      try {
        return await orm.em.fork().transactional((em) => decideIn(em, decision))
      } catch (error) {
        if (isUniqueViolation(error)) return { kind: 'occupied' }
        throw error
      }
    },
  }
}

async function decideIn(em: SqlEntityManager, decision: Decision): Promise<DecisionResult> {
  const enhancement = await em.findOne(Enhancement, decision.id, { lockMode: LockMode.PESSIMISTIC_WRITE })
  if (enhancement === null) return { kind: 'missing' }
  if (enhancement.state !== 'proposed') return { kind: 'decided', state: enhancement.state, decidedBy: enhancement.decidedBy ?? null }
  if (enhancement.version !== decision.version) return { kind: 'stale', version: enhancement.version }
  const now = new Date()
  em.assign(enhancement, {
    state: decision.state, mode: decision.mode, version: enhancement.version + 1,
    decidedBy: decision.person, decidedAt: now, decisionReason: decision.reason, updatedAt: now,
  })
  await putCommand(em, decision.command)
  // Only what is served changes the gateways' snapshot.
  if (decision.state === 'approved') await notifyOnCommit(em, 'sinew_snapshot', decision.id)
  await notifyOnCommit(em, 'sinew_learning', decision.id)
  await em.flush()
  return { kind: 'done' }
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === '23505'
}

function toItem(row: EnhancementRow): EnhancementItem {
  return {
    id: row.id, patternId: row.patternId, patternTitle: row.patternTitle, patternFrequency: Number(row.patternFrequency),
    patternSuccessRate: row.patternSuccessRate, patternVersion: row.patternVersion, state: row.state, version: row.version, type: row.type,
    mode: row.mode, original: row.original, enhanced: row.enhanced, reason: row.reason, risks: row.risks, source: row.source, failure: row.failure,
    decidedBy: row.decidedBy, decidedAt: toIsoOrNull(row.decidedAt), decisionReason: row.decisionReason, applied: Number(row.applied),
    effectiveness: row.effectiveness, createdAt: toIso(row.createdAt), updatedAt: toIso(row.updatedAt),
  }
}
