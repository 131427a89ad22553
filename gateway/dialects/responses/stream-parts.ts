import { rawText, type JsonObject } from '../json.ts'
import type { AnswerEvent, OpenPart } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readAnnotation } from '../chat/content-in.ts'

/** A part of the answer, as far as it came. */
export interface StreamedPart {
  readonly part: number
  text: string
  annotations: number
  closed: boolean
  /** Of reasoning: which of its two texts is read. */
  source?: 'summary' | 'content'
}

/** The parts of a streamed answer by their key, and the events that each piece of them makes. */
export class StreamedParts {
  private readonly report: TranslationReport
  private readonly parts = new Map<string, StreamedPart>()
  private count = 0
  /** A tool was called. */
  called = false

  constructor(report: TranslationReport) {
    this.report = report
  }

  get(key: string): StreamedPart | undefined {
    return this.parts.get(key)
  }

  *open(key: string, what: OpenPart): Generator<AnswerEvent, StreamedPart> {
    const opened = this.parts.get(key)
    if (opened !== undefined) return opened
    const part: StreamedPart = { part: this.count++, text: '', annotations: 0, closed: false }
    this.parts.set(key, part)
    if (what.kind === 'tool-call') this.called = true
    yield { kind: 'open', part: part.part, what }
    return part
  }

  /** A part that comes in one piece. */
  *whole(what: OpenPart): Generator<AnswerEvent> {
    yield { kind: 'open', part: this.count, what }
    yield { kind: 'close', part: this.count++ }
  }

  *words(part: StreamedPart, delta: string): Generator<AnswerEvent> {
    if (delta === '' || part.closed) return
    part.text += delta
    yield { kind: 'delta', part: part.part, text: delta }
  }

  /** The whole text of a part: only what the deltas have not said is new. */
  *complete(part: StreamedPart, whole: string): Generator<AnswerEvent> {
    if (whole.startsWith(part.text)) yield* this.words(part, whole.slice(part.text.length))
  }

  *logprobs(part: StreamedPart, holder: JsonObject): Generator<AnswerEvent> {
    const { logprobs } = holder
    if (Array.isArray(logprobs) && logprobs.length > 0)
      yield { kind: 'logprobs', part: part.part, json: rawText(logprobs) }
  }

  *annotation(part: StreamedPart, annotation: JsonObject, path: string): Generator<AnswerEvent> {
    const place = `${path}.annotations[${part.annotations++}]`
    const citation = readAnnotation(annotation, place)
    if (citation === undefined) this.report.drop(place)
    else yield { kind: 'citation', part: part.part, citation }
  }

  *close(part: StreamedPart): Generator<AnswerEvent> {
    if (part.closed) return
    part.closed = true
    yield { kind: 'close', part: part.part }
  }

  *closeAll(): Generator<AnswerEvent> {
    for (const part of this.parts.values()) yield* this.close(part)
  }
}
