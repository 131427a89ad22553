/**
 * Measures outcomes on labelled exchanges: each row is read and scored with the code that ships and learns real ones.
 * Labels are read for scoring only.
 *
 *   npm run eval -- outcomes [rows.jsonl]
 *
 * A row is `{ id, wire, request, response | stream, status, next?, label, reason }`: `response` a body as JSON or text,
 * `stream` the bytes of an event stream or a list of its events, `status` an HTTP status or how it ended, `next` the
 * user's next message, or the request that holds it.
 */
import { readFileSync } from 'node:fs'
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { Verdict } from '../../../db/words/outcome.ts'
import type { ProviderWire } from '../../../db/words/wire.ts'
import { createSchemaChecker } from '../../activities/schema/schema-checker.ts'
import { findParsedFailure } from '../../domain/exchanges/answer-failure.ts'
import { readParsedAnswer } from '../../domain/exchanges/answer.ts'
import { decideEnding } from '../../domain/exchanges/ending.ts'
import { parseRecorded } from '../../domain/exchanges/recorded-answer.ts'
import { asObject, asText } from '../../domain/json/json.ts'
import { readAsked } from '../../domain/outcomes/asked.ts'
import { examineAnswer } from '../../domain/outcomes/examine.ts'
import { readNextTurn } from '../../domain/outcomes/next-turn.ts'
import { settleFaults, type SchemaValidator } from '../../domain/outcomes/schemas.ts'
import { scoreExchange, type Scored } from '../../domain/outcomes/score.ts'

export interface OutcomeRow {
  id: string
  wire: ProviderWire
  request: unknown
  response?: unknown
  stream?: unknown
  status?: number | string | null
  next?: unknown
  label: Verdict
  reason: string
}

export interface OutcomesScore {
  rows: number
  accuracy: number
  /** Of failures. */
  precision: number
  recall: number
  /** By the label's reason: how many rows, and how many of them have the right verdict. */
  perReason: Record<string, { rows: number; right: number }>
}

const verdicts: readonly Verdict[] = ['success', 'failure', 'none']
const shipped = ['outcomes-development.jsonl', 'outcomes-held-back.jsonl'].map(
  (name) => new URL(`../data/${name}`, import.meta.url).pathname,
)
export const [developmentPath, heldBackPath] = shipped as [string, string]

export function readOutcomeRows(path: string): OutcomeRow[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as OutcomeRow)
}

const endings: readonly ExchangeStatus[] = ['ok', 'error', 'cancelled', 'truncated', 'unknown']

/** The row as its record would be scored. */
export async function scoreRow(row: OutcomeRow, schemas: SchemaValidator): Promise<Scored> {
  const wire = row.wire in { chat: 1, messages: 1, responses: 1, google: 1 } ? row.wire : 'chat'
  const request = typeof row.request === 'string' ? parseText(row.request) : row.request
  const stream = row.stream !== undefined && row.stream !== null
  const parsed = parseRecorded(stream, stream ? toStreamText(row.stream) : toText(row.response))
  const httpStatus = toHttpStatus(row.status)
  const failure = findParsedFailure(wire, parsed, false)
  const answer = readParsedAnswer(wire, parsed)
  const asked = readAsked(wire, request)
  const examined = examineAnswer(asked, { ...answer, hasMedia: answer.hasMedia === true, cut: false })
  const transport =
    endings.find((ending) => ending === row.status) ?? toTransport(stream, httpStatus, answer.stopReason)
  const next = toNext(wire, row.next)
  return scoreExchange({
    status: decideEnding(transport, httpStatus, failure),
    httpStatus,
    errorCode: null,
    failure,
    answer: examined.answer,
    faults: await settleFaults(examined, schemas),
    nextTurn: next === null || asked.latest === null ? null : readNextTurn(asked.latest, next),
  })
}

/** A stream that never says how it ended broke off. */
function toTransport(stream: boolean, httpStatus: number | null, stopReason: string | null): ExchangeStatus {
  return stream && stopReason === null && httpStatus === 200 ? 'truncated' : 'ok'
}

function toHttpStatus(status: OutcomeRow['status']): number | null {
  if (typeof status === 'number') return status
  if (typeof status === 'string' && /^\d{3}$/.test(status)) return Number(status)
  return 200
}

function toText(body: unknown): string {
  if (body === undefined || body === null) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return { messages: [{ role: 'user', content: text }] }
  }
}

/** Bytes of the stream, or its events: texts, `{ event, data }` or the data itself. */
function toStreamText(stream: unknown): string {
  if (!Array.isArray(stream)) return toText(stream)
  return stream.map(toEventText).join('')
}

function toEventText(entry: unknown): string {
  if (typeof entry === 'string') return /^(?:data|event|:)/.test(entry) ? `${entry}\n\n` : `data: ${entry}\n\n`
  const event = asObject(entry)
  const named =
    event !== null && 'data' in event && Object.keys(event).every((key) => /^(?:event|data|id|type)$/.test(key))
  const name = asText(event?.event) ?? (named ? null : asText(event?.type))
  return `${name === null ? '' : `event: ${name}\n`}data: ${named ? toText(event.data) : JSON.stringify(entry)}\n\n`
}

function toNext(wire: ProviderWire, next: unknown): string | null {
  if (next === undefined || next === null) return null
  if (typeof next === 'string') return next
  const object = asObject(next)
  const text = asText(object?.content) ?? asText(object?.text)
  return text ?? readAsked(wire, object?.request ?? next).latest
}

export interface Judged {
  row: OutcomeRow
  scored: Scored
}

export async function judgeRows(rows: readonly OutcomeRow[]): Promise<Judged[]> {
  const schemas = createSchemaChecker()
  try {
    const judged: Judged[] = []
    for (const row of rows) judged.push({ row, scored: await scoreRow(row, schemas) })
    return judged
  } finally {
    await schemas.close()
  }
}

export function toOutcomesScore(judged: readonly Judged[]): OutcomesScore {
  const count = (holds: (one: Judged) => boolean): number => judged.filter(holds).length
  const right = count(({ row, scored }) => row.label === scored.verdict)
  const found = count(({ row, scored }) => row.label === 'failure' && scored.verdict === 'failure')
  const called = count(({ scored }) => scored.verdict === 'failure')
  const failures = count(({ row }) => row.label === 'failure')
  const perReason: OutcomesScore['perReason'] = {}
  for (const { row, scored } of judged) {
    const entry = (perReason[row.reason] ??= { rows: 0, right: 0 })
    entry.rows++
    if (row.label === scored.verdict) entry.right++
  }
  return {
    rows: judged.length,
    accuracy: toShare(right, judged.length),
    precision: toShare(found, called),
    recall: toShare(found, failures),
    perReason,
  }
}

function toShare(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(4))
}

/** Called by `npm run eval -- outcomes [rows.jsonl]`; without rows it takes the shipped ones. */
export async function runOutcomes(path?: string): Promise<void> {
  const parts = path === undefined ? shipped : [path]
  const all: Judged[] = []
  for (const part of parts) {
    const judged = await judgeRows(readOutcomeRows(part))
    all.push(...judged)
    if (parts.length > 1) {
      const { accuracy, precision, recall, rows } = toOutcomesScore(judged)
      console.log(part.slice(part.lastIndexOf('/') + 1), JSON.stringify({ rows, accuracy, precision, recall }))
    }
  }
  for (const { row, scored } of all)
    if (row.label !== scored.verdict)
      console.log(
        `${row.id} ${row.reason}: ${row.label}, found ${scored.verdict} (${scored.reasons[0]?.code ?? 'nothing'})`,
      )
  console.log(`\n${'label \\ found'.padEnd(14)}${verdicts.map((verdict) => verdict.padStart(9)).join('')}`)
  for (const label of verdicts) {
    const counts = verdicts.map(
      (verdict) => all.filter(({ row, scored }) => row.label === label && scored.verdict === verdict).length,
    )
    console.log(`${label.padEnd(14)}${counts.map((number) => String(number).padStart(9)).join('')}`)
  }
  console.log(JSON.stringify(toOutcomesScore(all)))
}
