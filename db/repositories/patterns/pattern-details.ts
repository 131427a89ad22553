/**
 * What is known of one pattern beside its counts: days, models, keys, examples, where it comes from, and what people
 * said of it.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { kyselyOf } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { Verdict } from '../../words/outcome.ts'
import { toJsonb } from '../jsonb.ts'
import { toIso, toIsoOrNull } from '../page.ts'
import { lockPatterns } from './lock-patterns.ts'
import { tellLineage } from './pattern-changes.ts'

export interface PatternDay {
  /** ISO date, UTC. */
  day: string
  exchanges: number
  successes: number
  failures: number
  /** US dollars of the exchanges whose price is known. */
  costUsd: number
  priced: number
}

export type PatternShare = Omit<PatternDay, 'day'> & { name: string }

export interface PatternExample {
  id: string
  createdAt: string
  model: string | null
  outcome: Verdict
  reason: string | null
}

/** Why exchanges of a pattern failed: by what decided each of them. */
export interface FailureReason {
  /** `null` = the record names none. */
  code: string | null
  count: number
  /** As the newest of them says it, and where. */
  message: string | null
  newest: string
}

export interface LineageItem {
  at: string
  kind: string
  patternId: string
  title: string | null
  otherId: string | null
  otherTitle: string | null
  reason: string
  person: string | null
}

export interface DecisionItem {
  id: string
  at: string
  kind: string
  argument: Record<string, unknown>
  person: string
  reason: string | null
  appliedAt: string | null
  refused: string | null
}

/** A pattern's forms, for comparing it with others. */
export interface PatternForms {
  id: string
  title: string
  frequency: number
  template: PromptTemplate
  templates: unknown[] | null
}

export interface NewDecision {
  patternId: string
  kind: 'merge' | 'split' | 'rename' | 'mute'
  argument: Record<string, unknown>
  person: string
  reason: string | null
}

const examplesMost = 5
/** A reason that was frequent long ago says nothing of now. */
const maxFailures = 1_000
const lineageMost = 50
const daysMost = 90
const sharesMost = 50

export type PatternDetailRepository = ReturnType<typeof createPatternDetailRepository>

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createPatternDetailRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  const sums = sql`sum(exchanges)::double precision as exchanges, sum(successes)::double precision as successes, sum(failures)::double precision as failures,
    sum(cost_usd) as "costUsd", sum(priced)::double precision as priced`

  async function findShares(id: string, column: 'model' | 'key_name'): Promise<PatternShare[]> {
    const { rows } = await sql<PatternShare>`
      select ${sql.ref(column)} as name, ${sums} from pattern_days where pattern_id = ${id}::uuid group by 1 having sum(exchanges) > 0 order by 2 desc, 1 limit ${sharesMost}`.execute(
      database,
    )
    return rows
  }

  return {
    findModels: (id: string): Promise<PatternShare[]> => findShares(id, 'model'),
    findKeys: (id: string): Promise<PatternShare[]> => findShares(id, 'key_name'),

    /** The latest days that have exchanges, oldest first. */
    async findDays(id: string): Promise<PatternDay[]> {
      const { rows } = await sql<PatternDay>`
        select day::text as day, ${sums} from pattern_days where pattern_id = ${id}::uuid group by pattern_days.day having sum(exchanges) > 0
        order by pattern_days.day desc limit ${daysMost}`.execute(database)
      return rows.reverse()
    },

    /** The newest of each verdict. */
    async findExamples(id: string): Promise<PatternExample[]> {
      const one = (verdict: string) => sql`
        (select id, created_at as "createdAt", coalesce(model, requested_model) as model, verdict as outcome, verdict_reason as reason from requests
          where pattern_id = ${id}::uuid and verdict = ${verdict} order by id desc limit ${examplesMost})`
      const { rows } = await sql<PatternExample>`${one('failure')} union all ${one('success')}`.execute(database)
      return rows.map((row) => ({ ...row, createdAt: toIso(row.createdAt) }))
    },

    /** Of its latest failures, most frequent first. */
    async findFailureReasons(id: string): Promise<FailureReason[]> {
      const { rows } = await sql<FailureReason>`
        select code, count(*)::int as count, (array_agg(message order by id desc))[1] as message, (array_agg(id order by id desc))[1] as newest from (
          select id, outcome_reasons -> 0 ->> 'code' as code, coalesce(outcome_reasons -> 0 ->> 'message', verdict_reason) as message from requests
          where pattern_id = ${id}::uuid and verdict = 'failure' order by id desc limit ${maxFailures}
        ) f group by code order by count desc, code nulls last`.execute(database)
      return rows
    },

    /** What became of it, of what was merged into it, and what came out of it; newest first. */
    async findLineage(id: string): Promise<LineageItem[]> {
      const { rows } = await sql<LineageItem>`
        select l.at, l.kind, l.pattern_id as "patternId", p.title, l.other_id as "otherId", o.title as "otherTitle", l.reason, l.person
        from pattern_lineage l left join prompt_patterns p on p.id = l.pattern_id left join prompt_patterns o on o.id = l.other_id
        where l.pattern_id = ${id}::uuid or l.other_id = ${id}::uuid order by l.id desc limit ${lineageMost}`.execute(
        database,
      )
      return rows.map((row) => ({ ...row, at: toIso(row.at) }))
    },

    async findDecisions(id: string): Promise<DecisionItem[]> {
      const { rows } = await sql<DecisionItem & { createdAt: string }>`
        select id, created_at as at, kind, argument, person, reason, applied_at as "appliedAt", refused from pattern_decisions
        where pattern_id = ${id}::uuid or argument ->> 'into' = ${id} order by id desc limit ${lineageMost}`.execute(
        database,
      )
      return rows.map((row) => ({ ...row, at: toIso(row.at), appliedAt: toIsoOrNull(row.appliedAt) }))
    },

    async findDecision(id: string): Promise<DecisionItem | null> {
      const { rows } = await sql<DecisionItem>`
        select id, created_at as at, kind, argument, person, reason, applied_at as "appliedAt", refused from pattern_decisions where id = ${id}::uuid`.execute(
        database,
      )
      const row = rows[0]
      return row === undefined ? null : { ...row, at: toIso(row.at), appliedAt: toIsoOrNull(row.appliedAt) }
    },

    /** What a pattern, or the one it is part of now, is recognised by. */
    async findOwnForms(id: string): Promise<{ id: string; templates: unknown[] | null; openings: string[] } | null> {
      const { rows } = await sql<{ id: string; templates: unknown[] | null; openings: string[] }>`
        select p.id, p.templates, array(select o.pattern_hash from prompt_patterns o where o.source = 'opening' and (o.id = p.id or o.merged_into = p.id)) as openings
        from prompt_patterns p where p.id = (select coalesce(merged_into, id) from prompt_patterns where id = ${id}::uuid)`.execute(
        database,
      )
      return rows[0] ?? null
    },

    /** The team's most frequent learned patterns, this one among them. */
    async findForms(team: string, id: string, most: number): Promise<PatternForms[]> {
      const { rows } = await sql<PatternForms>`
        select id, title, frequency::double precision as frequency, pattern_data as template, templates from prompt_patterns
        where team = ${team} and (id = ${id}::uuid or (source = 'learned' and state = 'active' and frequency > 0)) order by id = ${id}::uuid desc, frequency desc limit ${most}`.execute(
        database,
      )
      return rows
    },

    /**
     * Merges and splits wait for the team's miner; names and muting stand at once. Answers the decision's id, or
     * `null` where a pattern is gone.
     */
    async decide(decision: NewDecision): Promise<string | null> {
      return database.transaction().execute(async (transaction) => {
        const into = decision.kind === 'merge' ? [String(decision.argument.into)] : []
        const became = await lockPatterns(transaction, [decision.patternId, ...into])
        const patternId = became.get(decision.patternId)
        if (patternId === undefined || into.some((other) => !became.has(other))) return null
        const id = v7()
        const argument = into.length === 0 ? decision.argument : { into: became.get(into[0] as string) }
        const atOnce = decision.kind === 'rename' || decision.kind === 'mute'
        await sql`
          insert into pattern_decisions (id, team, pattern_id, kind, argument, person, reason, applied_at)
          select ${id}::uuid, team, id, ${decision.kind}, ${toJsonb(argument)}::jsonb, ${decision.person}, ${decision.reason}, case when ${atOnce} then now() end
          from prompt_patterns where id = ${patternId}::uuid`.execute(transaction)
        if (decision.kind === 'rename') {
          const title = decision.argument.title as string | null
          await sql`
            update prompt_patterns set title = ${title}, titled_by = ${decision.argument.automatic ? null : decision.person} where id = ${patternId}::uuid`.execute(
            transaction,
          )
          await tellLineage(transaction, [
            { patternId, kind: 'renamed', otherId: null, reason: `it is called “${title}”`, person: decision.person },
          ])
        }
        if (decision.kind === 'mute') {
          const muted = decision.argument.muted === true
          await sql`update prompt_patterns set muted = ${muted} where id = ${patternId}::uuid`.execute(transaction)
          await tellLineage(transaction, [
            {
              patternId,
              kind: muted ? 'muted' : 'unmuted',
              otherId: null,
              reason:
                decision.reason ?? (muted ? 'nothing is proposed for it' : 'better prompts may be proposed again'),
              person: decision.person,
            },
          ])
        }
        await notifyOnCommit(transaction, 'sinew_learning', 'patterns')
        return id
      })
    },
  }
}
