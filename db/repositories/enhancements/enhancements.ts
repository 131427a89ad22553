/** What the admin reads of enhancements, and how a person decides one. */
import { LockMode, type MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { Enhancement } from '../../entities/enhancement.ts'
import type {
  Approval,
  EnhancementState,
  PromptTemplate,
  ProposalCheck,
  ProposalKind,
  ReplayResult,
} from '../../words/enhancement.ts'
import type { ExperimentState } from '../../words/experiment.ts'
import { findActiveExperiment, startForApproval, type NewExperiment } from '../experiments/start-experiment.ts'
import { findUnacceptedRisks } from './accepted-risks.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'

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
  kind: ProposalKind | null
  /** By how much the success rate is thought to rise, at most what fails; `null` = nobody said. */
  expectedGain: number | null
  /** Tokens that every request has more by it, estimated; `null` = there is no proposal. */
  addedTokens: number | null
  checks: ProposalCheck[]
  replay: ReplayResult | null
  /** Of this version, where two people are asked for. */
  approvals: Approval[]
  /** Who asked for it or wrote it; `null` = Sinew by itself. */
  requestedBy: string | null
  editedBy: string | null
  proposedAt: string | null
  snoozedUntil: string | null
  snoozedBy: string | null
  /** When it was last marked as waiting long. */
  remindedAt: string | null
  /** Why there is no proposal, or why it was withdrawn. */
  failure: string | null
  decidedBy: string | null
  decidedAt: string | null
  decisionReason: string | null
  /** Who took it back after its approval; `null` = Sinew by itself, or it was not. */
  withdrawnBy: string | null
  withdrawnAt: string | null
  /** The latest experiment that tries or tried it; `null` = none. */
  experiment: EnhancementExperiment | null
  applied: number
  /** Success rate of the exchanges it was applied to. */
  effectiveness: number | null
  createdAt: string
  updatedAt: string
}

export interface EnhancementExperiment {
  id: string
  state: ExperimentState
  promotedBy: string | null
  endedAt: string | null
}

export interface Withdrawal {
  id: string
  /** The version the person saw. */
  version: number
  person: string
  reason: string
}

/** `experiment`: it is being tried, so rolling back that experiment withdraws it. */
export type WithdrawalResult =
  | { kind: 'done' }
  | { kind: 'missing' }
  | { kind: 'stale'; version: number }
  | { kind: 'experiment'; id: string }
  | Closed

/** Nothing is open for this act (any more); `person` brought it there, `null` = Sinew by itself. */
export interface Closed {
  kind: 'closed'
  state: EnhancementState
  person: string | null
}

export interface Decision {
  id: string
  /** The version the person saw. */
  version: number
  state: 'approved' | 'rejected'
  mode: 'serve' | 'experiment' | null
  person: string
  reason: string | null
  /** How many people an approval needs. */
  approvals: number
  /** Named risks of the proposal that the person accepts; an approval needs all of them. */
  acceptedRisks: string[]
  /** Tells the waiting workflow. */
  command: OutgoingCommand
  /** In mode `experiment`: the one to start where none is prepared, and how its workflow is started. */
  experiment?: { fallback: NewExperiment; toCommand: (experimentId: string) => OutgoingCommand }
}

/**
 * `waiting`: approved by this person, and another one is needed. `approvedBefore`: this person's yes stands already.
 * `otherMode`: the first one approved it for something else. `stale`: it is not what the person saw. `occupied`:
 * another one of its pattern is served.
 */
export type DecisionResult =
  | { kind: 'done' }
  | { kind: 'waiting' }
  | { kind: 'approvedBefore' }
  | { kind: 'otherMode'; person: string; mode: string }
  | { kind: 'missing' }
  | { kind: 'stale'; version: number }
  | Closed
  | { kind: 'occupied' }
  /** Risks that the person has not accepted. */
  | { kind: 'risks'; unaccepted: ProposalCheck[] }

/** What is not decided yet. */
const openStates: ReadonlySet<EnhancementState> = new Set(['proposed', 'snoozed'])

interface EnhancementRow extends Omit<EnhancementItem, 'patternFrequency' | 'applied'> {
  patternFrequency: string
  applied: string
}

const columns = sql`e.id, e.pattern_id as "patternId", p.title as "patternTitle", p.frequency as "patternFrequency", p.success_rate as "patternSuccessRate",
  e.pattern_version as "patternVersion", e.state, e.version, e.enhancement_type as type, e.mode, e.original_prompt as original, e.enhanced_prompt as enhanced,
  e.reason, e.risks, e.source, e.failure, e.decided_by as "decidedBy", e.decided_at as "decidedAt", e.decision_reason as "decisionReason",
  e.withdrawn_by as "withdrawnBy", e.withdrawn_at as "withdrawnAt", e.snoozed_by as "snoozedBy",
  e.kind, e.expected_gain as "expectedGain", e.added_tokens as "addedTokens", e.checks, e.replay, e.approvals, e.requested_by as "requestedBy", e.edited_by as "editedBy",
  e.proposed_at as "proposedAt", e.snoozed_until as "snoozedUntil", e.reminded_at as "remindedAt", e.applied, e.effectiveness, e.created_at as "createdAt", e.updated_at as "updatedAt",
  (select jsonb_build_object('id', x.id, 'state', x.state, 'promotedBy', x.promoted_by, 'endedAt', x.ended_at) from experiments x
    where x.enhancement_id = e.id order by x.id desc limit 1) as experiment`
const source = sql`enhancements e join prompt_patterns p on p.id = e.pattern_id`

export type EnhancementRepository = ReturnType<typeof createEnhancementRepository>

export function createEnhancementRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  return {
    async list(
      filter: { state?: EnhancementState | undefined; patternId?: string | undefined },
      limit: number,
      cursor: string | null,
    ): Promise<Page<EnhancementItem>> {
      const conditions = [sql`true`]
      if (filter.state) conditions.push(sql`e.state = ${filter.state}`)
      if (filter.patternId) conditions.push(sql`e.pattern_id = ${filter.patternId}`)
      if (cursor !== null) conditions.push(sql`e.id < ${cursor}`)
      const { rows } =
        await sql<EnhancementRow>`select ${columns} from ${source} where ${sql.join(conditions, sql` and `)}
        order by e.id desc limit ${limit + 1}`.execute(database)
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    async find(id: string): Promise<EnhancementItem | null> {
      const { rows } = await sql<EnhancementRow>`select ${columns} from ${source} where e.id = ${id}`.execute(database)
      return rows[0] ? toItem(rows[0]) : null
    },

    /** How many wait for a person. */
    async countWaiting(): Promise<number> {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from enhancements where state = 'proposed'`.execute(database)
      return rows[0]?.count ?? 0
    },

    withdraw: (withdrawal: Withdrawal): Promise<WithdrawalResult> =>
      orm.em.fork().transactional((em) => withdrawIn(em, withdrawal)),

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
  if (!openStates.has(enhancement.state)) return toClosed(enhancement)
  if (enhancement.version !== decision.version) return { kind: 'stale', version: enhancement.version }
  const unaccepted =
    decision.state === 'approved' ? findUnacceptedRisks(enhancement.checks, decision.acceptedRisks) : []
  if (unaccepted.length > 0) return { kind: 'risks', unaccepted }
  const now = new Date()
  const waiting = decision.state === 'approved' ? addApproval(enhancement, decision, now) : null
  if (waiting !== null) {
    if (waiting.kind === 'waiting') {
      await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'enhancements')
      await em.flush()
    }
    return waiting
  }
  em.assign(enhancement, {
    state: decision.state,
    mode: decision.mode,
    version: enhancement.version + 1,
    decidedBy: decision.person,
    decidedAt: now,
    decisionReason: decision.reason,
    updatedAt: now,
  })
  await putCommand(kyselyOf(em), decision.command)
  await em.flush()
  if (decision.experiment)
    await startForApproval(kyselyOf(em), decision.experiment.fallback, decision.experiment.toCommand, now)
  // Only what is served changes the gateways' snapshot.
  if (decision.state === 'approved') await notifyOnCommit(kyselyOf(em), 'sinew_snapshot', decision.id)
  await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'enhancements')
  await em.flush()
  return { kind: 'done' }
}

/** `null` = enough people have approved this very version, for the same thing. */
function addApproval(
  enhancement: { version: number; approvals: Approval[]; checks: ProposalCheck[]; updatedAt: Date },
  decision: Decision,
  now: Date,
): DecisionResult | null {
  const risks = enhancement.checks.flatMap(({ risk }) => (risk ? [risk.id] : []))
  if (decision.approvals < 2 && risks.length === 0) return null
  const given = enhancement.approvals.filter(({ version }) => version === enhancement.version)
  if (given.some(({ person }) => person === decision.person)) return { kind: 'approvedBefore' }
  const other = given.find(({ mode }) => mode !== decision.mode)
  if (other !== undefined) return { kind: 'otherMode', person: other.person, mode: other.mode }
  enhancement.approvals = [
    ...given,
    {
      person: decision.person,
      at: now.toISOString(),
      version: enhancement.version,
      mode: decision.mode ?? '',
      reason: decision.reason,
      ...(risks.length > 0 && { acceptedRisks: risks }),
    },
  ]
  enhancement.updatedAt = now
  return enhancement.approvals.length < decision.approvals ? { kind: 'waiting' } : null
}

/**
 * Takes back what is served to everybody: gateways stop using it as soon as they hear of it. The version is the one the
 * person saw.
 */
async function withdrawIn(
  em: SqlEntityManager,
  { id, version, person, reason }: Withdrawal,
): Promise<WithdrawalResult> {
  const enhancement = await em.findOne(Enhancement, id, { lockMode: LockMode.PESSIMISTIC_WRITE })
  if (enhancement === null) return { kind: 'missing' }
  if (enhancement.state !== 'approved') return toClosed(enhancement)
  if (enhancement.version !== version) return { kind: 'stale', version: enhancement.version }
  if (enhancement.mode !== 'serve') {
    const active = await findActiveExperiment(kyselyOf(em), id)
    if (active !== null) return { kind: 'experiment', id: active }
  }
  const now = new Date()
  em.assign(enhancement, {
    state: 'withdrawn',
    version: version + 1,
    withdrawnBy: person,
    withdrawnAt: now,
    failure: reason,
    updatedAt: now,
  })
  await em.flush()
  await notifyOnCommit(kyselyOf(em), 'sinew_snapshot', id)
  await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'enhancements')
  return { kind: 'done' }
}

/** Who brought it into the state in which it is: not the one who approved it, where another took it back. */
export function toClosed({ state, decidedBy, withdrawnBy }: ClosedRow): Closed {
  const person = state === 'withdrawn' ? withdrawnBy : state === 'approved' || state === 'rejected' ? decidedBy : null
  return { kind: 'closed', state, person: person ?? null }
}

interface ClosedRow {
  state: EnhancementState
  decidedBy?: string | null | undefined
  withdrawnBy?: string | null | undefined
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === '23505'
}

function toItem(row: EnhancementRow): EnhancementItem {
  return {
    id: row.id,
    patternId: row.patternId,
    patternTitle: row.patternTitle,
    patternFrequency: Number(row.patternFrequency),
    patternSuccessRate: row.patternSuccessRate,
    patternVersion: row.patternVersion,
    state: row.state,
    version: row.version,
    type: row.type,
    mode: row.mode,
    original: row.original,
    enhanced: row.enhanced,
    reason: row.reason,
    risks: row.risks,
    source: row.source,
    failure: row.failure,
    kind: row.kind,
    expectedGain: row.expectedGain,
    addedTokens: row.addedTokens,
    checks: row.checks,
    replay: row.replay,
    approvals: row.approvals.filter(({ version }) => version === row.version || row.state === 'approved'),
    requestedBy: row.requestedBy,
    editedBy: row.editedBy,
    proposedAt: toIsoOrNull(row.proposedAt),
    snoozedUntil: toIsoOrNull(row.snoozedUntil),
    snoozedBy: row.snoozedBy,
    remindedAt: toIsoOrNull(row.remindedAt),
    decidedBy: row.decidedBy,
    decidedAt: toIsoOrNull(row.decidedAt),
    decisionReason: row.decisionReason,
    withdrawnBy: row.withdrawnBy,
    withdrawnAt: toIsoOrNull(row.withdrawnAt),
    experiment: row.experiment && { ...row.experiment, endedAt: toIsoOrNull(row.experiment.endedAt) },
    applied: Number(row.applied),
    effectiveness: row.effectiveness,
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  }
}
