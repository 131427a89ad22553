/**
 * The enhancement workflow's steps: ask the analyst within its caps, judge what it says, keep the proposal for people.
 */
import { ApplicationFailure } from '@temporalio/common'
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import {
  findDraft,
  findExamples,
  giveUp,
  noteWait,
  propose,
  type Draft,
} from '../../db/repositories/enhancements/drafts.ts'
import { findForeignTexts, findRejections } from '../../db/repositories/enhancements/proposal-material.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { EnhanceConfig } from '../../db/words/config.ts'
import type { EnhancementState, PromptTemplate } from '../../db/words/enhancement.ts'
import { instructions, toolName, toQuestion, type Example } from '../domain/analyst/analyst-prompt.ts'
import { toExample, toSample } from '../domain/analyst/examples.ts'
import { checkCandidate, countAddedTokens, findFault } from '../domain/enhancements/proposal-checks.ts'
import { createRedactor, type Redactor } from '../domain/redaction/redact.ts'
import { askClaude, ClaudeUnavailable, estimateCall, type Question } from '../analyst/ask.ts'
import { toNextDayMs } from '../analyst/budget.ts'
import type { Replay } from '../analyst/replay.ts'
import { proposalSchema, readProposal } from '../analyst/proposal.ts'

export interface AnalystDependencies {
  database: Database
  /** Bounds on what a proposal may add. */
  limits?: Pick<EnhanceConfig, 'maxAddedTokens'>
  /** Tries a proposal on stored requests before people see it. */
  replay?: Replay
  /** The analyst of this moment: people switch it on and off. `null` = off. */
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Pick<Log, 'warn'>
  /** Ends a call when its worker shuts down. */
  signal: () => AbortSignal
}

/** `unusable`: it may be asked again. `later`: not before that moment. `failed`: asking again is pointless. */
export type AnalystAnswer =
  | { kind: 'settled'; state: EnhancementState }
  | { kind: 'unusable'; reason: string }
  | { kind: 'failed'; reason: string }
  | { kind: 'later'; until: string }

const answerTokensMax = 4_096
const callTimeoutMs = 180_000
const badExamplesMax = 5
const goodExamplesMax = 3
const exampleBytesMax = 256 * 1024
const rejectionsMax = 5
const defaultLimits = { maxAddedTokens: 1_000 }
const offWaitMs = 3_600_000
const misconfiguredWaitMs = 600_000
const capsWaitMs = 900_000

// oxlint-disable-next-line max-lines-per-function -- the activities of one workflow, which share what they depend on
export function createAnalystActivities({
  database,
  limits = defaultLimits,
  replay,
  resolveAnalyst,
  log,
  signal,
}: AnalystDependencies) {
  async function askAnalyst(enhancementId: string): Promise<AnalystAnswer> {
    const draft = await findDraft(database, enhancementId)
    if (draft === null) return { kind: 'failed', reason: 'the enhancement is gone' }
    if (draft.state !== 'drafting') return { kind: 'settled', state: draft.state }
    const now = Date.now()
    const analyst = await resolveAnalyst()
    if (analyst === null) return { kind: 'later', until: new Date(now + offWaitMs).toISOString() }
    const { text, samples, redactor } = await compose(draft)
    const question: Question = {
      purpose: 'proposal',
      enhancementId,
      system: instructions,
      text,
      tool: {
        name: toolName,
        description: 'Proposes a better prompt template to the person who decides on it.',
        input_schema: proposalSchema,
      },
      maxAnswerTokens: answerTokensMax,
      timeoutMs: callTimeoutMs,
    }
    const tokens = estimateCall(question)
    if (tokens > analyst.maxTokensPerDay) {
      return {
        kind: 'failed',
        reason: `the question may need ${tokens} tokens, more than claude.maxTokensPerDay (${analyst.maxTokensPerDay}) allows on any day`,
      }
    }
    // Temporal asks again where it fails, so that waiting survives a restart.
    const asked = await askClaude(database, analyst, question, analyst, signal()).catch((error: unknown) => {
      throw toFailure(error)
    })
    switch (asked.kind) {
      case 'answered':
        return take(draft, samples, redactor, asked.message)
      case 'spent':
        // Looked at again before the day ends too: the caps may have been raised.
        return wait(
          draft,
          "the day's calls or tokens of the analyst are used up",
          Math.min(toNextDayMs(now), now + capsWaitMs),
        )
      case 'refused':
        return { kind: 'failed', reason: `the analyst answered ${asked.status}: it does not take the question` }
      case 'misconfigured':
        return waitForConfiguration(draft, asked.status)
    }
  }

  async function waitForConfiguration(draft: Draft, status: number): Promise<AnalystAnswer> {
    log.warn(
      { status, enhancementId: draft.id },
      'the analyst refuses its configuration; check address, key and model, under claude: or of the provider that was switched on',
    )
    return wait(
      draft,
      `the analyst answered ${status}: its address, key or model is not right`,
      Date.now() + misconfiguredWaitMs,
    )
  }

  /** What it waits for is told where people look at the enhancement. */
  async function wait(draft: Draft, reason: string, untilMs: number): Promise<AnalystAnswer> {
    const until = new Date(untilMs).toISOString()
    await noteWait(database, draft.id, `waits: ${reason}; asked again by ${until}`)
    return { kind: 'later', until }
  }

  /** Everything that leaves is redacted, the template too; what stood in the template is put back into the answer's. */
  async function compose(draft: Draft): Promise<{ text: string; samples: string[]; redactor: Redactor }> {
    const redactor = createRedactor()
    const original = mapTemplate(draft.original, redactor.redact)
    const read = async (verdict: 'failure' | 'success', most: number): Promise<Example[]> =>
      (await findExamples(database, draft.patternId, verdict, most, exampleBytesMax)).map((exchange) =>
        toExample(exchange, redactor),
      )
    const bad = await read('failure', badExamplesMax)
    const good = await read('success', goodExamplesMax)
    const rejections = (await findRejections(database, draft.patternId, rejectionsMax)).map(({ reason, proposed }) => ({
      reason: redactor.redact(reason),
      proposed: proposed && mapTemplate(proposed, redactor.redact),
    }))
    return {
      text: toQuestion({ ...draft, original, bad, good, rejections }),
      samples: [...bad, ...good].map(toSample),
      redactor,
    }
  }

  async function take(draft: Draft, samples: string[], redactor: Redactor, answer: unknown): Promise<AnalystAnswer> {
    const read = readProposal(draft.original, answer)
    if ('fault' in read) return { kind: 'unusable', reason: read.fault }
    const whole = [draft.original.system, draft.original.template].join('\n')
    const enhanced = mapTemplate(read.enhanced, (text) => redactor.restore(text, whole))
    const foreign = await findForeignTexts(database, draft.team, Date.now())
    const checks = checkCandidate(
      { ...read, original: draft.original, enhanced },
      { samples, foreign, maxAddedTokens: limits.maxAddedTokens, byPerson: false },
    )
    const fault = findFault(checks)
    if (fault !== null) return { kind: 'unusable', reason: fault }
    const judged = draft.successes + draft.failures
    await propose(database, draft.id, {
      ...read,
      enhanced,
      checks,
      replay:
        (await replay?.(
          { enhancementId: draft.id, patternId: draft.patternId, original: draft.original, enhanced },
          signal(),
        )) ?? null,
      addedTokens: countAddedTokens(draft.original, enhanced),
      // Nothing can gain more than what fails.
      expectedGain:
        read.expectedGain === null || judged === 0
          ? read.expectedGain
          : Math.min(read.expectedGain, draft.failures / judged),
    })
    return { kind: 'settled', state: (await findDraft(database, draft.id))?.state ?? 'failed' }
  }

  return {
    askAnalyst,

    /** Answers the state that stands then: `failed`, or what somebody else made of it meanwhile. */
    async giveUpDraft(enhancementId: string, reason: string): Promise<EnhancementState> {
      await giveUp(database, enhancementId, reason)
      return (await findDraft(database, enhancementId))?.state ?? 'failed'
    },
  }
}

export type AnalystActivities = ReturnType<typeof createAnalystActivities>

function mapTemplate({ system, template }: PromptTemplate, change: (text: string) => string): PromptTemplate {
  return { system: system === null ? null : change(system), template: template === null ? null : change(template) }
}

/** Its message goes into Temporal's history, so it names the kind of trouble and never quotes the request. */
function toFailure(error: unknown): unknown {
  return error instanceof ClaudeUnavailable
    ? ApplicationFailure.create({ type: 'AnalystUnavailable', message: error.message })
    : error
}
