/**
 * Sends stored requests of a pattern again, failed and successful ones, each with its prompt as it was and with a
 * proposal's, to the provider they went to, and scores the answers as traffic's are. Only where `learning.replay` allows calls; nothing of it reaches a caller or counts as
 * traffic.
 */
import { toAddressedCall } from '../../db/config/provider-addresses.ts'
import { addressOf, findKind, wiresFor } from '../../db/config/provider-kinds.ts'
import type { Database } from '../../db/database.ts'
import { settleCall } from '../../db/repositories/analyst/analyst-calls.ts'
import { findReplayable, type ReplayableRequest } from '../../db/repositories/enhancements/drafts.ts'
import type { ReplayConfig } from '../../db/words/config.ts'
import type { PromptTemplate, ReplayResult } from '../../db/words/enhancement.ts'
import type { Verdict } from '../../db/words/outcome.ts'
import type { ProviderConfig } from '../../db/words/provider.ts'
import type { Wire } from '../../db/words/wire.ts'
import { settleFaults, type OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { findParsedFailure } from '../domain/exchanges/answer-failure.ts'
import { readParsedAnswer } from '../domain/exchanges/answer.ts'
import { decideEnding } from '../domain/exchanges/ending.ts'
import { parseRecorded } from '../domain/exchanges/recorded-answer.ts'
import { callsPerPair, comparePairs, samplesPerPrompt, type ReplayPair } from '../domain/experiments/replay-pairs.ts'
import { applyEnhancement, type PromptEdit } from '../domain/enhancements/apply-enhancement.ts'
import { readAsked } from '../domain/outcomes/asked.ts'
import { examineAnswer } from '../domain/outcomes/examine.ts'
import { asObject, parseJson, type JsonObject } from '../domain/json/json.ts'
import { readPrompt } from '../domain/exchanges/prompt.ts'
import { scoreExchange } from '../domain/outcomes/score.ts'
import { wireOf } from '../domain/exchanges/wire.ts'
import { reserveToday } from './budget.ts'

export interface ReplayDependencies extends OutcomeDependencies {
  database: Database
  providers: ProviderConfig[]
  settings: ReplayConfig
}

/** `null` = there was nothing to send, or no budget for it. */
export type Replay = (
  proposal: { enhancementId: string; patternId: string; original: PromptTemplate; enhanced: PromptTemplate },
  signal: AbortSignal,
) => Promise<ReplayResult | null>

const callTimeoutMs = 60_000
/** With the analyst's own call it stays within the activity's time. */
const totalMs = 90_000
const atOnce = 3
const maxBodyBytes = 256 * 1024
const maxAnswerBytes = 4 * 1024 * 1024

export function createReplay(dependencies: ReplayDependencies): Replay {
  const { database, providers, settings } = dependencies
  return async ({ enhancementId, patternId, original, enhanced }, signal) => {
    const limit = Math.floor(settings.maxCalls / callsPerPair)
    if (limit === 0) return null
    const queue = (await findReplayable(database, patternId, limit, maxBodyBytes)).flatMap((request) => {
      const call = toCall(request, providers, original, enhanced)
      return call === null ? [] : [call]
    })
    const until = AbortSignal.any([signal, AbortSignal.timeout(totalMs)])
    const pairs: ReplayPair[] = []
    const work = async (): Promise<void> => {
      for (let call = queue.shift(); call !== undefined && !until.aborted; call = queue.shift()) {
        const pair = await replayPair(dependencies, enhancementId, call, until)
        if (pair === null) return
        pairs.push(pair)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    const comparison = comparePairs(pairs)
    return comparison && { calls: pairs.length * callsPerPair, ...comparison }
  }
}

/** `null` = the day's budget ended before the pair was whole, so it says nothing. */
async function replayPair(
  dependencies: ReplayDependencies,
  enhancementId: string,
  call: Call,
  until: AbortSignal,
): Promise<ReplayPair | null> {
  const judged: Record<'original' | 'enhanced', Verdict[]> = { original: [], enhanced: [] }
  // In turns, so that a slow minute of the provider's hits both.
  for (let sample = 0; sample < samplesPerPrompt; sample++)
    for (const prompt of ['original', 'enhanced'] as const) {
      const verdict = await tryOnce(dependencies, enhancementId, call, call[prompt], until)
      if (verdict === null) return null
      judged[prompt].push(verdict)
    }
  return { original: toRate(judged.original), enhanced: toRate(judged.enhanced) }
}

/** `null` = the day's budget is used up. */
async function tryOnce(
  { database, settings, schemas }: ReplayDependencies,
  enhancementId: string,
  call: Call,
  body: JsonObject,
  until: AbortSignal,
): Promise<Verdict | null> {
  const reservation = await reserveToday(
    database,
    { purpose: 'replay', enhancementId, model: call.model, tokens: 0 },
    { maxCallsPerDay: settings.maxCallsPerDay, maxTokensPerDay: Number.POSITIVE_INFINITY },
  )
  if (reservation === null) return null
  const signal = AbortSignal.any([until, AbortSignal.timeout(callTimeoutMs)])
  const { verdict, tokens } = await send(call, body, schemas, signal)
  await settleCall(database, reservation, tokens)
  return verdict
}

async function send(
  { wire, url, headers }: Call,
  body: JsonObject,
  schemas: ReplayDependencies['schemas'],
  signal: AbortSignal,
): Promise<{ verdict: Verdict; tokens: number }> {
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
      redirect: 'error',
    })
    status = response.status
    text = await readBounded(response)
  } catch {
    // A provider that is away tells nothing of the template.
    return { verdict: 'none', tokens: 0 }
  }
  const parsed = parseRecorded(false, text)
  const answer = readParsedAnswer(wire, parsed)
  const failure = findParsedFailure(wire, parsed, false)
  const examined = examineAnswer(readAsked(wire, body), {
    ...answer,
    hasMedia: answer.hasMedia === true,
    cut: false,
  })
  const { verdict } = scoreExchange({
    status: decideEnding('ok', status, failure),
    httpStatus: status,
    errorCode: null,
    failure,
    faults: await settleFaults(examined, schemas),
    answer: examined.answer,
  })
  return { verdict, tokens: (answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0) }
}

interface Call {
  wire: Wire
  url: string
  model: string
  headers: Record<string, string>
  /** The body as it was, and with the changed prompt. */
  original: JsonObject
  enhanced: JsonObject
}

/** `null` = no answer could be judged. */
function toRate(verdicts: readonly Verdict[]): number | null {
  const judged = verdicts.filter((verdict) => verdict !== 'none')
  return judged.length === 0 ? null : judged.filter((verdict) => verdict === 'success').length / judged.length
}

/**
 * `null` = it cannot be sent as it was: another format in between, a provider that is gone, or a prompt that the
 * template does not fit.
 */
function toCall(
  { endpoint, provider: name, model, originalBody }: ReplayableRequest,
  providers: ProviderConfig[],
  original: PromptTemplate,
  enhanced: PromptTemplate,
): Call | null {
  const wire = wireOf(endpoint)
  const provider = providers.find((entry) => entry.name === name)
  const request = asObject(parseJson(originalBody.toString('utf8')))
  if (wire === null || provider === undefined || request === null) return null
  const kind = findKind(provider.kind)
  const application = applyEnhancement({ original, enhanced }, readPrompt(wire, request))
  if (kind === undefined || !wiresFor(provider, model).includes(wire) || 'refused' in application) return null
  const { stream: _stream, stream_options: _options, ...body }: JsonObject = { ...request, model }
  const changed = structuredClone(body)
  for (const edit of application.edits) applyEdit(wire, changed, edit)
  const { url, headers } = toAddressedCall(addressOf(kind), provider, { wire, model, stream: false })
  return {
    wire,
    url,
    model,
    headers: { 'content-type': 'application/json', ...toRecord(headers) },
    original: body,
    enhanced: changed,
  }
}

function toRecord(headers: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] as string]] : [])),
  )
}

function applyEdit(wire: Wire, body: JsonObject, edit: PromptEdit): void {
  if (edit.kind === 'addSystem') {
    if (wire === 'chat') body.messages = [{ role: 'system', content: edit.text }, ...(body.messages as unknown[])]
    else body[wire === 'responses' ? 'instructions' : 'system'] = edit.text
    return
  }
  let place: any = body
  for (const member of edit.path.slice(0, -1)) place = place[member]
  place[edit.path.at(-1) as string | number] = edit.text
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > maxAnswerBytes) throw new Error('the answer is too big')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
