import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { child, objects, text } from '../members.ts'
import type { AnswerEvent, Part, Stop } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { callId, readCreated, readGooglePart, readGoogleUsage, toStop } from './answer-in.ts'

/**
 * `streamGenerateContent?alt=sse`: every event is a partial answer; calls come whole. There is no last event but a
 * finish reason.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createGoogleStreamReader(report: TranslationReport): StreamReader {
  let started = false
  let over = false
  let parts = 0
  let places = 0
  let calls = 0
  let id = ''
  let current: { readonly kind: 'text' | 'reasoning'; readonly part: number } | undefined
  let stop: Stop | undefined

  function* close(): Generator<AnswerEvent> {
    if (current !== undefined) yield { kind: 'close', part: current.part }
    current = undefined
  }

  function* said(part: Part): Generator<AnswerEvent> {
    if (part.kind === 'tool-call') {
      yield* close()
      calls += 1
      const { id: call, name, path, signature } = part
      yield {
        kind: 'open',
        part: parts,
        what: { kind: 'tool-call', id: call, name, path, ...(signature === undefined ? {} : { signature }) },
      }
      yield { kind: 'delta', part: parts, text: part.arguments }
      yield { kind: 'close', part: parts++ }
    } else if (part.kind === 'image') {
      yield* close()
      yield { kind: 'open', part: parts, what: { kind: 'image', media: part.media, path: part.path } }
      yield { kind: 'close', part: parts++ }
    } else if (part.kind === 'text' || part.kind === 'reasoning') {
      if (current?.kind !== part.kind) {
        yield* close()
        current = { kind: part.kind, part: parts++ }
        yield { kind: 'open', part: current.part, what: { kind: part.kind, path: part.path } }
      }
      if (part.text !== '') yield { kind: 'delta', part: current.part, text: part.text }
      if (part.kind === 'reasoning' && part.opaque !== undefined) {
        yield { kind: 'opaque', part: current.part, opaque: part.opaque }
        yield* close()
      }
    } else report.drop(part.path)
  }

  function* answer(chunk: JsonObject): Generator<AnswerEvent> {
    const usage = readGoogleUsage(child(chunk, 'usageMetadata'))
    if (!started) {
      started = true
      id = text(chunk, 'responseId') ?? ''
      yield { kind: 'start', id, model: text(chunk, 'modelVersion') ?? '', usage, created: readCreated(chunk) }
    }
    const [first, ...others] = [...objects(chunk, 'candidates')]
    report.dropAll(others.map(([, index]) => `candidates[${index}]`))
    for (const [part] of objects(child(first?.[0], 'content'), 'parts')) {
      for (const piece of readGooglePart(part, `candidates[0].content.parts[${places++}]`, callId(id, calls)))
        yield* said(piece)
    }
    if (usage !== undefined) yield { kind: 'usage', usage }
    const reason = text(first?.[0], 'finishReason')
    if (reason !== undefined || child(chunk, 'promptFeedback')?.blockReason !== undefined)
      stop = toStop(chunk, reason, calls > 0)
  }

  return {
    read: ({ body }: StreamEvent) => (over ? [] : [...answer(body)]),
    end: () => {
      if (over) return []
      over = true
      return stop === undefined
        ? [{ kind: 'error', error: truncatedError }]
        : [...close(), { kind: 'stop', stop }, { kind: 'end' }]
    },
  }
}
