/**
 * What the record says of a cell: read with the code that ships and scores real exchanges, compared with what the
 * evaluation's own readers say that the recorded answer was.
 */
import { findRecordedFailure, readAnswer } from '../../../../workflows/test/recorded.ts'
import type { Outcome } from '../../../../db/journal/records.ts'
import type { ExchangeStatus, Usage } from '../../../../db/words/exchange.ts'
import type { Verdict } from '../../../../db/words/outcome.ts'
import type { Wire } from '../../../../db/words/wire.ts'
import { decideEnding } from '../../../../workflows/domain/exchanges/ending.ts'
import { readsAsDecline } from '../../../../workflows/domain/outcomes/decline.ts'
import { scoreExchange } from '../../../../workflows/domain/outcomes/score.ts'
import type { AnswerReading } from './reading.ts'

/** The journal's last word on an exchange. */
export interface RecordedOutcome {
  readonly outcome: Outcome
  readonly response: Buffer
}

interface RecordReading {
  readonly status: ExchangeStatus
  readonly httpStatus: number | null
  readonly usage: Usage | null
  readonly verdict: Verdict
}

/** What a call was, as far as its record needs it to be read. */
export interface RecordedCall {
  readonly wire: Wire
  /** The caller asked for a stream. */
  readonly stream: boolean
  /** What the caller got. */
  readonly httpStatus: number
}

export function readRecord(
  { wire, stream: asked }: RecordedCall,
  { outcome, response }: RecordedOutcome,
): RecordReading {
  // The type of an answer that was changed on its way is not among its recorded headers.
  const type = outcome.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  const stream = type === undefined ? asked : type.includes('text/event-stream')
  const text = response.toString('utf8')
  const answer = readAnswer(wire, stream, text)
  const failure = findRecordedFailure(wire, text, { stream, cut: false })
  const status = decideEnding(outcome.status, outcome.httpStatus, failure)
  const { verdict } = scoreExchange({
    status,
    httpStatus: outcome.httpStatus,
    errorCode: outcome.errorCode,
    answer: {
      hasText: (answer.content ?? '').trim() !== '' || answer.hasMedia === true,
      hasToolCalls: answer.toolCalls.length > 0,
      refusal: answer.refusal,
      stopReason: answer.stopReason,
      cut: false,
    },
  })
  const usage = outcome.usage === undefined ? answer.usage : outcome.usage
  return { status, httpStatus: outcome.httpStatus, usage, verdict }
}

/** `undefined`: the record is right. */
export function compareRecord(
  call: RecordedCall,
  recorded: RecordedOutcome | undefined,
  expected: AnswerReading,
): string | undefined {
  if (recorded === undefined) return 'there is no record of it'
  const { httpStatus } = call
  const record = readRecord(call, recorded)
  if (record.httpStatus !== httpStatus) return `the record says ${record.httpStatus}, the caller got ${httpStatus}`
  const failed = httpStatus >= 400 || expected.error !== undefined
  const wanted: readonly ExchangeStatus[] = failed
    ? ['error']
    : expected.stop === undefined
      ? ['truncated', 'error']
      : ['ok']
  if (!wanted.includes(record.status))
    return `the record's status is ${record.status} instead of ${wanted.join(' or ')}`
  if (record.status !== 'ok') return record.verdict === 'success' ? 'a failure is recorded as a success' : undefined
  return compareVerdict(record.verdict, expected) ?? compareUsage(record.usage, expected)
}

function compareVerdict(verdict: Verdict, { said, stop }: AnswerReading): string | undefined {
  const words = said
    .filter(({ kind }) => kind === 'text')
    .map(({ value }) => value)
    .join('')
  // What is said beside a call is no answer yet.
  const calls = said.some(({ kind }) => kind === 'tool')
  const declined =
    stop === 'refusal' || said.some(({ refusal }) => refusal === true) || (!calls && readsAsDecline(words))
  const answered = words.trim() !== '' || said.some(({ kind }) => kind === 'tool' || kind === 'image')
  const failed = declined || stop === 'length'
  // What a provider's own tools did, or one that goes on in the background, may count as either.
  if (stop === 'pause' || (!answered && said.some(({ kind }) => kind === 'foreign'))) return undefined
  const wanted = failed || !answered ? 'failure' : 'success'
  return verdict === wanted ? undefined : `the outcome is ${verdict} instead of ${wanted}`
}

function compareUsage(usage: Usage | null, expected: AnswerReading): string | undefined {
  if (expected.usage === undefined) return undefined
  if (usage === null) return 'the record has no usage'
  const { input, output, cacheRead, cacheWrite, reasoning } = expected.usage
  const pairs: readonly (readonly [string, number, number | null])[] = [
    ['inputTokens', input, usage.inputTokens],
    ['outputTokens', output, usage.outputTokens],
    ['cachedInputTokens', cacheRead, usage.cachedInputTokens],
    ['cache writes', cacheWrite, (usage.cacheWrite5mTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0)],
    ['reasoningTokens', reasoning, usage.reasoningTokens],
  ]
  const wrong = pairs.find(([, wanted, got]) => wanted !== (got ?? 0))
  return wrong && `the record's ${wrong[0]} is ${wrong[2]} instead of ${wrong[1]}`
}
