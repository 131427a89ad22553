/**
 * The enhancement workflow's steps: ask the analyst within its caps, judge what it says, keep the proposal for people.
 */
import Anthropic from '@anthropic-ai/sdk'
import { ApplicationFailure } from '@temporalio/common'
import type { Database } from '../../db/database.ts'
import { reserveCall, settleCall } from '../../db/repositories/analyst/analyst-calls.ts'
import type { Log } from '../../db/process/log.ts'
import {
  findDraft,
  findExamples,
  giveUp,
  noteWait,
  propose,
  type Draft,
  type ExampleExchange,
} from '../../db/repositories/enhancements/drafts.ts'
import { findForeignTexts, findRejections } from '../../db/repositories/enhancements/proposal-material.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { EnhanceConfig } from '../../db/words/config.ts'
import type { EnhancementState, PromptTemplate } from '../../db/words/enhancement.ts'
import { estimateTokens, instructions, toolName, toQuestion, type Example } from '../domain/analyst/analyst-prompt.ts'
import { toExample, toSample, type ExampleSource } from '../domain/analyst/examples.ts'
import { asObject, parseJson } from '../domain/json/json.ts'
import { checkCandidate, countAddedTokens, findFault } from '../domain/enhancements/proposal-checks.ts'
import { createRedactor, type Redactor } from '../domain/redaction/redact.ts'
import { wireOf } from '../domain/exchanges/wire.ts'
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
const dayMs = 86_400_000
const offWaitMs = 3_600_000
/** The question itself is refused: asking it again is pointless. */
const hopelessStatus = new Set([400, 413, 422])
/** Key, address or model are wrong: people mend that, and then the pattern still wants its answer. */
const misconfiguredStatus = new Set([401, 403, 404])
const misconfiguredWaitMs = 600_000
const capsWaitMs = 900_000

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
    const { question, samples, redactor } = await compose(draft)
    const tokens = estimateTokens(instructions) + estimateTokens(question) + answerTokensMax
    if (tokens > analyst.maxTokensPerDay) {
      return {
        kind: 'failed',
        reason: `the question may need ${tokens} tokens, more than claude.maxTokensPerDay (${analyst.maxTokensPerDay}) allows on any day`,
      }
    }
    const dayStart = now - (now % dayMs)
    const reservation = await reserveCall(
      database,
      { enhancementId, model: analyst.model, tokens },
      analyst,
      new Date(dayStart).toISOString(),
    )
    // Looked at again before the day ends too: the caps may have been raised. A second past midnight, so that clocks
    // that differ a little agree on the day.
    if (reservation === null)
      return wait(
        draft,
        "the day's calls or tokens of the analyst are used up",
        Math.min(dayStart + dayMs + 1_000, now + capsWaitMs),
      )
    return take(draft, samples, redactor, await call(analyst, question, reservation))
  }

  /** What it waits for is told where people look at the enhancement. */
  async function wait(draft: Draft, reason: string, untilMs: number): Promise<AnalystAnswer> {
    const until = new Date(untilMs).toISOString()
    await noteWait(database, draft.id, `waits: ${reason}; asked again by ${until}`)
    return { kind: 'later', until }
  }

  /** Everything that leaves is redacted, the template too; what stood in the template is put back into the answer's. */
  async function compose(draft: Draft): Promise<{ question: string; samples: string[]; redactor: Redactor }> {
    const redactor = createRedactor()
    const original = mapTemplate(draft.original, redactor.redact)
    const read = async (verdict: 'failure' | 'success', most: number): Promise<Example[]> =>
      (await findExamples(database, draft.patternId, verdict, most, exampleBytesMax)).map((exchange) =>
        toExample(toSource(exchange), redactor),
      )
    const bad = await read('failure', badExamplesMax)
    const good = await read('success', goodExamplesMax)
    const rejections = (await findRejections(database, draft.patternId, rejectionsMax)).map(({ reason, proposed }) => ({
      reason: redactor.redact(reason),
      proposed: proposed && mapTemplate(proposed, redactor.redact),
    }))
    return {
      question: toQuestion({ ...draft, original, bad, good, rejections }),
      samples: [...bad, ...good].map(toSample),
      redactor,
    }
  }

  async function call(
    { baseUrl, apiKey, model }: AnalystConfig,
    question: string,
    reservation: string,
  ): Promise<unknown> {
    // Temporal retries, so that waiting survives a restart; the caps count every call that is really made.
    const api = new Anthropic({ baseURL: baseUrl, apiKey, authToken: null, maxRetries: 0, timeout: callTimeoutMs })
    let message: unknown
    try {
      message = await api.messages.create(
        {
          model,
          max_tokens: answerTokensMax,
          system: instructions,
          messages: [{ role: 'user', content: question }],
          tools: [
            {
              name: toolName,
              description: 'Proposes a better prompt template to the person who decides on it.',
              input_schema: proposalSchema,
            },
          ],
          tool_choice: { type: 'tool', name: toolName },
        },
        { signal: signal() },
      )
    } catch (error) {
      // An answer that is no JSON is an answer all the same: it keeps what was reserved, and may be asked for again.
      if (error instanceof SyntaxError) return null
      if (!(error instanceof Anthropic.APIError) || error.status === undefined) throw toFailure(error)
      // An answer with an error status was not billed; a call that broke off may have been, and keeps its reservation.
      await settleCall(database, reservation, 0)
      if (misconfiguredStatus.has(error.status)) return new Misconfigured(error.status)
      if (hopelessStatus.has(error.status))
        return new Hopeless(`the analyst answered ${error.status}: it does not take the question`)
      throw toFailure(error)
    }
    // Whatever answers there may have any shape.
    const usage = asObject(asObject(message)?.usage) ?? {}
    const used = [
      usage.input_tokens,
      usage.cache_creation_input_tokens,
      usage.cache_read_input_tokens,
      usage.output_tokens,
    ]
    const tokens = used.reduce<number>(
      (sum, count) => sum + (Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 0),
      0,
    )
    await settleCall(database, reservation, Math.min(tokens, 2_147_483_647))
    return message
  }

  async function take(draft: Draft, samples: string[], redactor: Redactor, answer: unknown): Promise<AnalystAnswer> {
    if (answer instanceof Hopeless) return { kind: 'failed', reason: answer.reason }
    if (answer instanceof Misconfigured) {
      log.warn(
        { status: answer.status, enhancementId: draft.id },
        'the analyst refuses its configuration; check address, key and model, under claude: or of the provider that was switched on',
      )
      return wait(
        draft,
        `the analyst answered ${answer.status}: its address, key or model is not right`,
        Date.now() + misconfiguredWaitMs,
      )
    }
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

function toSource({ endpoint, originalBody, content, toolCalls, reason }: ExampleExchange): ExampleSource {
  return {
    wire: wireOf(endpoint),
    body: originalBody === null ? null : parseJson(originalBody.toString('utf8')),
    content,
    toolCalls,
    reason,
  }
}

function mapTemplate({ system, template }: PromptTemplate, change: (text: string) => string): PromptTemplate {
  return { system: system === null ? null : change(system), template: template === null ? null : change(template) }
}

/** The analyst refuses key, address or model. */
class Misconfigured {
  readonly status: number
  constructor(status: number) {
    this.status = status
  }
}

/** The analyst refuses this very question. */
class Hopeless {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** Its message goes into Temporal's history, so it names the kind of trouble and never quotes the request. */
function toFailure(error: unknown): Error {
  if (error instanceof Anthropic.APIUserAbortError) return error
  const status = error instanceof Anthropic.APIError && error.status !== undefined ? ` (${error.status})` : ''
  return ApplicationFailure.create({ type: 'AnalystUnavailable', message: `the analyst cannot be reached${status}` })
}
