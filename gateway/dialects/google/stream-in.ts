import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { child, objects, text } from '../members.ts'
import type { AnswerEvent, Part, Stop } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { callId, readCreated, readGooglePart, readGoogleUsage, toStop } from './answer-in.ts'

export function createGoogleStreamReader(report: TranslationReport): StreamReader {
  return new GoogleStreamReader(report)
}

type TextualPart = Extract<Part, { kind: 'text' | 'reasoning' }>
type CallPart = Extract<Part, { kind: 'tool-call' }>

/**
 * `streamGenerateContent?alt=sse`: every event is a partial answer; calls come whole. There is no last event but a
 * finish reason.
 */
class GoogleStreamReader implements StreamReader {
  private readonly report: TranslationReport
  private id = ''
  private parts = 0
  /** Parts of the upstream's answer, which may be more than ours. */
  private places = 0
  private calls = 0
  private current: { readonly kind: 'text' | 'reasoning'; readonly part: number } | undefined
  private stop: Stop | undefined
  private started = false
  private over = false

  constructor(report: TranslationReport) {
    this.report = report
  }

  read({ body }: StreamEvent): AnswerEvent[] {
    return this.over ? [] : [...this.answer(body)]
  }

  end(): AnswerEvent[] {
    if (this.over) return []
    this.over = true
    return this.stop === undefined
      ? [{ kind: 'error', error: truncatedError }]
      : [...this.close(), { kind: 'stop', stop: this.stop }, { kind: 'end' }]
  }

  private *answer(chunk: JsonObject): Generator<AnswerEvent> {
    const usage = readGoogleUsage(child(chunk, 'usageMetadata'))
    if (!this.started) {
      this.started = true
      this.id = text(chunk, 'responseId') ?? ''
      const model = text(chunk, 'modelVersion') ?? ''
      yield { kind: 'start', id: this.id, model, usage, created: readCreated(chunk) }
    }
    const [first, ...others] = [...objects(chunk, 'candidates')]
    this.report.dropAll(others.map(([, index]) => `candidates[${index}]`))
    for (const [part] of objects(child(first?.[0], 'content'), 'parts')) {
      const path = `candidates[0].content.parts[${this.places++}]`
      for (const piece of readGooglePart(part, path, callId(this.id, this.calls))) yield* this.part(piece)
    }
    if (usage !== undefined) yield { kind: 'usage', usage }
    const reason = text(first?.[0], 'finishReason')
    if (reason !== undefined || child(chunk, 'promptFeedback')?.blockReason !== undefined)
      this.stop = toStop(chunk, reason, this.calls > 0)
  }

  private *part(part: Part): Generator<AnswerEvent> {
    switch (part.kind) {
      case 'tool-call':
        yield* this.call(part)
        break
      case 'image':
        yield* this.close()
        yield { kind: 'open', part: this.parts, what: { kind: 'image', media: part.media, path: part.path } }
        yield { kind: 'close', part: this.parts++ }
        break
      case 'text':
      case 'reasoning':
        yield* this.words(part)
        break
      default:
        this.report.drop(part.path)
    }
  }

  private *call({ id, name, path, signature, arguments: written }: CallPart): Generator<AnswerEvent> {
    yield* this.close()
    this.calls += 1
    const signed = signature === undefined ? {} : { signature }
    yield { kind: 'open', part: this.parts, what: { kind: 'tool-call', id, name, path, ...signed } }
    yield { kind: 'delta', part: this.parts, text: written }
    yield { kind: 'close', part: this.parts++ }
  }

  private *words(part: TextualPart): Generator<AnswerEvent> {
    if (this.current?.kind !== part.kind) {
      yield* this.close()
      this.current = { kind: part.kind, part: this.parts++ }
      yield { kind: 'open', part: this.current.part, what: { kind: part.kind, path: part.path } }
    }
    const { part: number } = this.current
    if (part.text !== '') yield { kind: 'delta', part: number, text: part.text }
    if (part.kind === 'reasoning' && part.opaque !== undefined) {
      yield { kind: 'opaque', part: number, opaque: part.opaque }
      yield* this.close()
    }
  }

  private *close(): Generator<AnswerEvent> {
    if (this.current !== undefined) yield { kind: 'close', part: this.current.part }
    this.current = undefined
  }
}
