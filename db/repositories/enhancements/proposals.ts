/** What people do to proposals besides deciding them: write their own, ask for one, change one, put one off. */
import { LockMode, type MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { Enhancement } from '../../entities/enhancement.ts'
import { Pattern } from '../../entities/pattern.ts'
import type { EnhancementState, PromptTemplate, ProposalCheck, ProposalKind } from '../../words/enhancement.ts'
import { findExamples, type ExampleExchange } from './drafts.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toClosed, type Closed } from './enhancements.ts'
import { findForeignTexts } from './proposal-material.ts'

/** A template that a person wrote, with what was looked at. */
export interface WrittenTemplate {
  enhanced: PromptTemplate
  reason: string | null
  risks: string[]
  kind: ProposalKind | null
  addedTokens: number
  checks: ProposalCheck[]
}

export interface NewEnhancement {
  id: string
  patternId: string
  person: string
  /** The pattern's template as it stands; one that is another by now makes the new enhancement stale. */
  original: PromptTemplate
  patternVersion: number
  /** `null` = the analyst is asked. */
  written: WrittenTemplate | null
  /** Starts its workflow. */
  command: OutgoingCommand
}

/** A change that is no decision; it names the version the person saw. */
export interface EnhancementChange {
  id: string
  version: number
  person: string
  command: OutgoingCommand
}

export type ChangeResult = { kind: 'done' } | { kind: 'missing' } | { kind: 'stale'; version: number } | Closed

const openStates: ReadonlySet<EnhancementState> = new Set(['proposed', 'snoozed'])
const badExamplesMax = 10
const goodExamplesMax = 5
const exampleBytesMax = 256 * 1024

/** Before the analyst has written it. */
const unwritten = {
  state: 'drafting' as const,
  enhancedPrompt: null,
  reason: null,
  risks: [],
  source: 'analyst',
  kind: null,
  addedTokens: null,
  checks: [],
  proposedAt: null,
}

/** Written by a person, who proposes it at once. */
function toWritten(
  { enhanced, reason, risks, kind, addedTokens, checks }: NonNullable<NewEnhancement['written']>,
  person: string,
  now: Date,
) {
  return {
    state: 'proposed' as const,
    enhancedPrompt: enhanced,
    reason,
    risks,
    source: person,
    kind,
    addedTokens,
    checks,
    proposedAt: now,
  }
}

export type ProposalRepository = ReturnType<typeof createProposalRepository>

// oxlint-disable-next-line max-lines-per-function -- one object of queries, none of which holds a state
export function createProposalRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  return {
    async findPattern(id: string): Promise<{ team: string; template: PromptTemplate; version: number } | null> {
      const { rows } = await sql<{ team: string; template: PromptTemplate; version: number }>`
        select team, pattern_data as template, template_version as version from prompt_patterns where id = ${id}::uuid`.execute(
        database,
      )
      return rows[0] ?? null
    },

    /** The team's own exchanges that a changed template is held against, failed ones first. */
    async findSamples(patternId: string): Promise<ExampleExchange[]> {
      const bad = await findExamples(database, patternId, 'failure', badExamplesMax, exampleBytesMax)
      return [...bad, ...(await findExamples(database, patternId, 'success', goodExamplesMax, exampleBytesMax))]
    },

    findForeign: (team: string): Promise<string[]> => findForeignTexts(database, team, Date.now()),

    /** False when the pattern is gone or has another template by now. */
    async create({
      id,
      patternId,
      person,
      original,
      patternVersion,
      written,
      command,
    }: NewEnhancement): Promise<boolean> {
      return orm.em.fork().transactional(async (em) => {
        const pattern = await em.findOne(Pattern, patternId, { lockMode: LockMode.PESSIMISTIC_READ })
        if (pattern === null || pattern.templateVersion !== patternVersion) return false
        const now = new Date()
        em.persist(
          em.create(Enhancement, {
            id,
            patternId,
            patternVersion,
            version: 1,
            enhancementType: 'template',
            ...(written === null ? unwritten : toWritten(written, person, now)),
            mode: null,
            originalPrompt: original,
            failure: null,
            decidedBy: null,
            decidedAt: null,
            decisionReason: null,
            withdrawnBy: null,
            withdrawnAt: null,
            applied: 0,
            appliedSuccesses: 0,
            appliedFailures: 0,
            expectedGain: null,
            replay: null,
            approvals: [],
            requestedBy: person,
            editedBy: null,
            snoozedUntil: null,
            snoozedBy: null,
            remindedAt: null,
            createdAt: now,
            updatedAt: now,
          }),
        )
        await putCommand(kyselyOf(em), command)
        await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'enhancements')
        await em.flush()
        return true
      })
    },

    /** What was approved so far was another text, so approvals begin anew. */
    edit: (change: EnhancementChange, written: WrittenTemplate): Promise<ChangeResult> =>
      alter(orm, change, (now) => ({
        enhancedPrompt: written.enhanced,
        reason: written.reason,
        risks: written.risks,
        kind: written.kind,
        addedTokens: written.addedTokens,
        checks: written.checks,
        expectedGain: null,
        replay: null,
        approvals: [],
        editedBy: change.person,
        state: 'proposed',
        proposedAt: now,
        snoozedUntil: null,
        snoozedBy: null,
        remindedAt: null,
      })),

    snooze: (change: EnhancementChange, until: Date): Promise<ChangeResult> =>
      alter(orm, change, () => ({ state: 'snoozed', snoozedUntil: until, snoozedBy: change.person })),
  }
}

/** One transaction: the row is locked, so of two people who change it at once one is told that the other was first. */
function alter(
  orm: MikroORM,
  change: EnhancementChange,
  toMembers: (now: Date) => Parameters<SqlEntityManager['assign']>[1],
): Promise<ChangeResult> {
  return orm.em.fork().transactional(async (em): Promise<ChangeResult> => {
    const enhancement = await em.findOne(Enhancement, change.id, { lockMode: LockMode.PESSIMISTIC_WRITE })
    if (enhancement === null) return { kind: 'missing' }
    if (!openStates.has(enhancement.state)) return toClosed(enhancement)
    if (enhancement.version !== change.version) return { kind: 'stale', version: enhancement.version }
    const now = new Date()
    em.assign(enhancement, { ...toMembers(now), version: enhancement.version + 1, updatedAt: now } as object)
    await putCommand(kyselyOf(em), change.command)
    await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'enhancements')
    await em.flush()
    return { kind: 'done' }
  })
}
