/**
 * What is known of one pattern beside its counts: days, models, keys, examples, where it comes from, and what people
 * decided about it.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { Verdict } from '../../words/outcome.ts'
import { toIso, toIsoOrNull } from '../page.ts'
import { decidePattern, type NewDecision } from './decide-pattern.ts'

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

const maxExamples = 5
/** Only the latest failures count: a reason that was frequent long ago says nothing of now. */
const maxFailures = 1_000
const maxLineage = 50
const maxDays = 90
const maxShares = 50

export type PatternDetailRepository = ReturnType<typeof createPatternDetailRepository>

export function createPatternDetailRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    findModels: (id: string) => findShares(database, id, 'model'),
    findKeys: (id: string) => findShares(database, id, 'key_name'),
    findDays: (id: string) => findDays(database, id),
    findExamples: (id: string) => findExamples(database, id),
    findFailureReasons: (id: string) => findFailureReasons(database, id),
    findLineage: (id: string) => findLineage(database, id),
    findDecisions: (id: string) => findDecisions(database, id),
    findDecision: (id: string) => findDecision(database, id),
    findOwnForms: (id: string) => findOwnForms(database, id),
    findForms: (team: string, id: string, limit: number) => findForms(database, team, id, limit),
    decide: (decision: NewDecision) => decidePattern(database, decision),
  }
}

const sums = [
  sql<number>`sum(exchanges)::double precision`.as('exchanges'),
  sql<number>`sum(successes)::double precision`.as('successes'),
  sql<number>`sum(failures)::double precision`.as('failures'),
  sql<number>`sum(cost_usd)`.as('costUsd'),
  sql<number>`sum(priced)::double precision`.as('priced'),
]

/** The largest shares first. */
async function findShares(database: Database, id: string, column: 'model' | 'key_name'): Promise<PatternShare[]> {
  return database
    .selectFrom('pattern_days')
    .select(`${column} as name`)
    .select(sums)
    .where('pattern_id', '=', id)
    .groupBy(column)
    .having(sql<boolean>`sum(exchanges) > 0`)
    .orderBy('exchanges', 'desc')
    .orderBy('name')
    .limit(maxShares)
    .execute()
}

/** The latest days that have exchanges, oldest first. */
async function findDays(database: Database, id: string): Promise<PatternDay[]> {
  const days = await database
    .selectFrom('pattern_days as d')
    .select(sql<string>`d.day::text`.as('day'))
    .select(sums)
    .where('d.pattern_id', '=', id)
    .groupBy('d.day')
    .having(sql<boolean>`sum(exchanges) > 0`)
    .orderBy('d.day', 'desc')
    .limit(maxDays)
    .execute()
  return days.reverse()
}

/** The newest of each verdict. */
async function findExamples(database: Database, id: string): Promise<PatternExample[]> {
  const newest = (verdict: Verdict) =>
    database
      .selectFrom('requests')
      .select((eb) => [
        'id',
        'created_at as createdAt',
        eb.fn.coalesce('model', 'requested_model').as('model'),
        'verdict as outcome',
        'verdict_reason as reason',
      ])
      .where('pattern_id', '=', id)
      .where('verdict', '=', verdict)
      .orderBy('id', 'desc')
      .limit(maxExamples)
      .$narrowType<{ outcome: Verdict }>()
      .execute()
  const examples = [...(await newest('failure')), ...(await newest('success'))]
  return examples.map((row) => ({ ...row, createdAt: toIso(row.createdAt) }))
}

/** Of its latest failures, most frequent first. */
async function findFailureReasons(database: Database, id: string): Promise<FailureReason[]> {
  // Raw: the newest of a group by `array_agg … order by` is not among the builder's functions.
  const { rows } = await sql<FailureReason>`
    select code, count(*)::int as count, (array_agg(message order by id desc))[1] as message, (array_agg(id order by id desc))[1] as newest from (
      select id, outcome_reasons -> 0 ->> 'code' as code, coalesce(outcome_reasons -> 0 ->> 'message', verdict_reason) as message from requests
      where pattern_id = ${id}::uuid and verdict = 'failure' order by id desc limit ${maxFailures}
    ) f group by code order by count desc, code nulls last`.execute(database)
  return rows
}

/** What became of it, of what was merged into it, and what came out of it; newest first. */
async function findLineage(database: Database, id: string): Promise<LineageItem[]> {
  const items = await database
    .selectFrom('pattern_lineage as l')
    .leftJoin('prompt_patterns as p', 'p.id', 'l.pattern_id')
    .leftJoin('prompt_patterns as o', 'o.id', 'l.other_id')
    .select([
      'l.at',
      'l.kind',
      'l.pattern_id as patternId',
      'p.title',
      'l.other_id as otherId',
      'o.title as otherTitle',
    ])
    .select(['l.reason', 'l.person'])
    .where((eb) => eb.or([eb('l.pattern_id', '=', id), eb('l.other_id', '=', id)]))
    .orderBy('l.id', 'desc')
    .limit(maxLineage)
    .execute()
  return items.map((item) => ({ ...item, at: toIso(item.at) }))
}

const decisionColumns = [
  'id',
  'created_at as at',
  'kind',
  'argument',
  'person',
  'reason',
  'applied_at as appliedAt',
  'refused',
] as const

/** Newest first; also those that made another pattern part of it. */
async function findDecisions(database: Database, id: string): Promise<DecisionItem[]> {
  const items = await database
    .selectFrom('pattern_decisions')
    .select(decisionColumns)
    .where((eb) => eb.or([eb('pattern_id', '=', id), sql<boolean>`argument ->> 'into' = ${id}`]))
    .orderBy('id', 'desc')
    .limit(maxLineage)
    .execute()
  return items.map(toDecisionItem)
}

async function findDecision(database: Database, id: string): Promise<DecisionItem | null> {
  const item = await database
    .selectFrom('pattern_decisions')
    .select(decisionColumns)
    .where('id', '=', id)
    .executeTakeFirst()
  return item === undefined ? null : toDecisionItem(item)
}

function toDecisionItem(item: DecisionItem): DecisionItem {
  return { ...item, at: toIso(item.at), appliedAt: toIsoOrNull(item.appliedAt) }
}

/** How a pattern, or the one it is part of now, is recognised. */
async function findOwnForms(
  database: Database,
  id: string,
): Promise<{ id: string; templates: unknown[] | null; openings: string[] } | null> {
  const pattern = await database
    .selectFrom('prompt_patterns as p')
    .select(['p.id', 'p.templates'])
    .where('p.id', '=', (eb) =>
      eb
        .selectFrom('prompt_patterns')
        .select((asked) => asked.fn.coalesce('merged_into', 'id').as('id'))
        .where('id', '=', id),
    )
    .executeTakeFirst()
  if (pattern === undefined) return null
  const openings = await database
    .selectFrom('prompt_patterns')
    .select('pattern_hash')
    .where('source', '=', 'opening')
    .where((eb) => eb.or([eb('id', '=', pattern.id), eb('merged_into', '=', pattern.id)]))
    .execute()
  return { ...pattern, openings: openings.flatMap(({ pattern_hash: hash }) => hash ?? []) }
}

/** The team's most frequent learned patterns, this one among them. */
async function findForms(database: Database, team: string, id: string, limit: number): Promise<PatternForms[]> {
  return database
    .selectFrom('prompt_patterns')
    .select(['id', 'title', 'frequency', 'pattern_data as template', 'templates'])
    .where('team', '=', team)
    .where((eb) =>
      eb.or([
        eb('id', '=', id),
        eb.and([eb('source', '=', 'learned'), eb('state', '=', 'active'), eb('frequency', '>', 0)]),
      ]),
    )
    .orderBy(sql`id = ${id}::uuid`, 'desc')
    .orderBy('frequency', 'desc')
    .limit(limit)
    .execute()
}
