/** The enhancement workflow's steps: ask the analyst within its caps, judge what it says, keep the proposal for people. */
import Anthropic from '@anthropic-ai/sdk'
import { ApplicationFailure } from '@temporalio/common'
import type { Kysely } from 'kysely'
import { reserveCall, settleCall } from '../../db/repositories/analyst-calls.ts'
import type { Log } from '../../db/log.ts'
import { findDraft, findExamples, giveUp, noteWait, propose, type Draft, type ExampleExchange } from '../../db/repositories/drafts.ts'
import type { AnalystConfig, EnhancementState } from '../../db/types.ts'
import { estimateTokens, exampleCharactersMax, instructions, toolName, toQuestion, type Example } from '../domain/analyst-prompt.ts'
import { asObject, parseJson } from '../domain/json.ts'
import { toTranscript } from '../domain/transcript.ts'
import { wireOf } from '../domain/wire.ts'
import { proposalSchema, readProposal } from './proposal.ts'

export interface AnalystDependencies {
  database: Kysely<any>
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
const dayMs = 86_400_000
const offWaitMs = 3_600_000
/** The question itself is refused: asking it again is pointless. */
const hopelessStatus = new Set([400, 413, 422])
/** Key, address or model are wrong: people mend that, and then the pattern still wants its answer. */
const misconfiguredStatus = new Set([401, 403, 404])
const misconfiguredWaitMs = 600_000
const capsWaitMs = 900_000

export function createAnalystActivities({ database, resolveAnalyst, log, signal }: AnalystDependencies) {
  async function askAnalyst(enhancementId: string): Promise<AnalystAnswer> {
    const draft = await findDraft(database, enhancementId)
    if (draft === null) return { kind: 'failed', reason: 'the enhancement is gone' }
    if (draft.state !== 'drafting') return { kind: 'settled', state: draft.state }
    const now = Date.now()
    const analyst = await resolveAnalyst()
    if (analyst === null) return { kind: 'later', until: new Date(now + offWaitMs).toISOString() }
    const question = await compose(draft)
    const tokens = estimateTokens(instructions) + estimateTokens(question) + answerTokensMax
    if (tokens > analyst.maxTokensPerDay) {
      return { kind: 'failed', reason: `the question may need ${tokens} tokens, more than claude.maxTokensPerDay (${analyst.maxTokensPerDay}) allows on any day` }
    }
    const dayStart = now - (now % dayMs)
    const reservation = await reserveCall(database, { enhancementId, model: analyst.model, tokens }, analyst, new Date(dayStart).toISOString())
    // Looked at again before the day ends too: the caps may have been raised. A second past midnight, so that clocks that differ a little agree on the day.
    if (reservation === null) return wait(draft, 'the day\'s calls or tokens of the analyst are used up', Math.min(dayStart + dayMs + 1_000, now + capsWaitMs))
    return take(draft, await call(analyst, question, reservation))
  }

  /** What it waits for is told where people look at the enhancement. */
  async function wait(draft: Draft, reason: string, untilMs: number): Promise<AnalystAnswer> {
    const until = new Date(untilMs).toISOString()
    await noteWait(database, draft.id, `waits: ${reason}; asked again by ${until}`)
    return { kind: 'later', until }
  }

  async function compose(draft: Draft): Promise<string> {
    const bad = await findExamples(database, draft.patternId, 'failure', badExamplesMax, exampleBytesMax)
    const good = await findExamples(database, draft.patternId, 'success', goodExamplesMax, exampleBytesMax)
    return toQuestion({ ...draft, bad: bad.map(toExample), good: good.map(toExample) })
  }

  async function call({ baseUrl, apiKey, model }: AnalystConfig, question: string, reservation: string): Promise<unknown> {
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
          tools: [{ name: toolName, description: 'Proposes a better prompt template to the person who decides on it.', input_schema: proposalSchema }],
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
      if (hopelessStatus.has(error.status)) return new Hopeless(`the analyst answered ${error.status}: it does not take the question`)
      throw toFailure(error)
    }
    // Whatever answers there may have any shape.
    const usage = asObject(asObject(message)?.usage) ?? {}
    const used = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.output_tokens]
    const tokens = used.reduce<number>((sum, count) => sum + (Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 0), 0)
    await settleCall(database, reservation, Math.min(tokens, 2_147_483_647))
    return message
  }

  async function take(draft: Draft, answer: unknown): Promise<AnalystAnswer> {
    if (answer instanceof Hopeless) return { kind: 'failed', reason: answer.reason }
    if (answer instanceof Misconfigured) {
      log.warn({ status: answer.status, enhancementId: draft.id }, 'the analyst refuses its configuration; check address, key and model, under claude: or of the provider that was switched on')
      return wait(draft, `the analyst answered ${answer.status}: its address, key or model is not right`, Date.now() + misconfiguredWaitMs)
    }
    const read = readProposal(draft.original, answer)
    if ('fault' in read) return { kind: 'unusable', reason: read.fault }
    await propose(database, draft.id, read.enhanced, read.reason, read.risks)
    return { kind: 'settled', state: (await findDraft(database, draft.id))?.state ?? 'failed' }
  }

  return {
    askAnalyst,

    /** Answers the state that stands then: `failed`, or what somebody else made of it meanwhile. */
    async giveUpDraft(enhancementId: string, reason: string): Promise<EnhancementState> {
      await giveUp(database, enhancementId, reason)
      return (await findDraft(database, enhancementId))?.state ?? 'failed'
    },

    async readEnhancementState(enhancementId: string): Promise<EnhancementState> {
      return (await findDraft(database, enhancementId))?.state ?? 'failed'
    },
  }
}

export type AnalystActivities = ReturnType<typeof createAnalystActivities>

function toExample({ endpoint, originalBody, content, toolCalls, reason }: ExampleExchange): Example {
  const request = originalBody === null ? '' : toTranscript(wireOf(endpoint), parseJson(originalBody.toString('utf8')), exampleCharactersMax)
  const calls = (toolCalls ?? []).map((call) => `[calls ${call.name}: ${call.arguments}]`)
  return { request, answer: [content ?? '', ...calls].filter((part) => part !== '').join('\n') || '(empty)', reason }
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
