import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { child, list, number, objects, text, unknownMembers } from '../members.ts'
import type { AnswerEvent } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { readOpenAiUsage } from '../usage.ts'
import { readPicture, responseEnvelope, toStop } from './answer-in.ts'
import { StreamedParts, type StreamedPart } from './stream-parts.ts'

export function createResponsesStreamReader(report: TranslationReport): StreamReader {
  return new ResponsesStreamReader(report)
}

type ReadEvent = (reader: ResponsesStreamReader, body: JsonObject) => Iterable<AnswerEvent>

const readLast: ReadEvent = (reader, body) => reader.finished(child(body, 'response') ?? {})
const readText: ReadEvent = (reader, body) => reader.textDelta(body)
const readTextDone: ReadEvent = (reader, body) => reader.textDone(body)
const readArguments: ReadEvent = (reader, body) => reader.argumentsDelta(body)
const readArgumentsDone: ReadEvent = (reader, body) => reader.argumentsDone(body)

/** What each event of the wire means; those that are not here say nothing that another does not. */
const readers: ReadonlyMap<string, ReadEvent> = new Map<string, ReadEvent>([
  ['response.output_item.added', (reader, body) => reader.itemStart(child(body, 'item') ?? {}, reader.itemIndex(body))],
  ['response.content_part.added', (reader, body) => reader.partStart(body)],
  ['response.output_text.delta', readText],
  ['response.refusal.delta', readText],
  ['response.output_text.annotation.added', (reader, body) => reader.annotation(body)],
  ['response.content_part.done', (reader, body) => reader.wholePart(body, child(body, 'part') ?? {})],
  ['response.output_text.done', readTextDone],
  ['response.refusal.done', readTextDone],
  ['response.function_call_arguments.delta', readArguments],
  ['response.custom_tool_call_input.delta', readArguments],
  ['response.function_call_arguments.done', readArgumentsDone],
  ['response.custom_tool_call_input.done', readArgumentsDone],
  ['response.reasoning_summary_part.added', (reader, body) => reader.summaryStart(body)],
  ['response.reasoning_summary_text.delta', (reader, body) => reader.reasoningDelta(body, 'summary')],
  ['response.reasoning_text.delta', (reader, body) => reader.reasoningDelta(body, 'content')],
  ['response.output_item.done', (reader, body) => reader.itemDone(child(body, 'item') ?? {}, reader.itemIndex(body))],
  ['response.completed', readLast],
  ['response.incomplete', readLast],
  ['response.failed', readLast],
])

const lastStatus = /^(?:completed|incomplete|failed)$/
const callMembers = new Set(['type', 'id', 'status', 'call_id', 'name', 'arguments', 'input'])
const messageMembers = new Set(['type', 'id', 'status', 'role', 'content'])

/**
 * Parts are keyed by item and content index. What a `done` event says and no delta has said before counts then. A
 * stream may carry several responses one after the other; they read as one answer, so it ends when the upstream closes.
 */
class ResponsesStreamReader implements StreamReader {
  private readonly report: TranslationReport
  private readonly parts: StreamedParts
  /** Items that have begun, and items that are done. */
  private readonly items = new Set<number>()
  private readonly doneItems = new Set<number>()
  /** How many items the responses before this one had. */
  private base = 0
  private started = false
  private over = false
  private ending: AnswerEvent[] | undefined

  constructor(report: TranslationReport) {
    this.report = report
    this.parts = new StreamedParts(report)
  }

  read({ body, name }: StreamEvent): AnswerEvent[] {
    if (this.over) return []
    const type = text(body, 'type') ?? name
    const response = child(body, 'response')
    const begun = [...this.start(response, type === 'response.created')]
    const reader = readers.get(type)
    if (reader !== undefined) return [...begun, ...reader(this, body)]
    // Some servers have words of their own for the last event; the status in it says the same.
    return lastStatus.test(text(response, 'status') ?? '') ? [...begun, ...readLast(this, body)] : begun
  }

  end(): AnswerEvent[] {
    if (this.over) return []
    this.over = true
    return this.ending ?? [{ kind: 'error', error: truncatedError }]
  }

  private *start(response: JsonObject | undefined, again: boolean): Generator<AnswerEvent> {
    if (this.started && again) {
      yield* this.parts.closeAll()
      this.base = Math.max(-1, ...this.items) + 1
      this.ending = undefined
    }
    if (this.started) return
    this.started = true
    const created = number(response, 'created_at')
    const tier = text(response, 'service_tier')
    yield {
      kind: 'start',
      id: text(response, 'id') ?? '',
      model: text(response, 'model') ?? '',
      ...(created === undefined ? {} : { created }),
      ...(tier === undefined || tier === 'auto' ? {} : { serviceTier: tier }),
    }
  }

  itemIndex(body: JsonObject): number {
    return this.base + (number(body, 'output_index') ?? 0)
  }

  private textPath(body: JsonObject): string {
    return `output[${this.itemIndex(body)}].content[${number(body, 'content_index') ?? 0}]`
  }

  /** The part of text that an event speaks of; it is opened with the first of them. */
  private *textPart(body: JsonObject, part: JsonObject): Generator<AnswerEvent, StreamedPart> {
    const kind = part.type === 'refusal' || text(body, 'type')?.includes('refusal') === true ? 'refusal' : 'text'
    const key = `${this.itemIndex(body)}.${number(body, 'content_index') ?? 0}`
    return yield* this.parts.open(key, { kind, path: this.textPath(body) })
  }

  *partStart(body: JsonObject): Generator<AnswerEvent> {
    const part = child(body, 'part') ?? {}
    if (part.type === 'output_text' || part.type === 'refusal') yield* this.textPart(body, part)
  }

  *textDelta(body: JsonObject): Generator<AnswerEvent> {
    const part = yield* this.textPart(body, {})
    yield* this.parts.words(part, text(body, 'delta') ?? '')
    yield* this.parts.logprobs(part, body)
  }

  *textDone(body: JsonObject): Generator<AnswerEvent> {
    const part = yield* this.textPart(body, {})
    yield* this.parts.complete(part, text(body, 'text') ?? text(body, 'refusal') ?? '')
  }

  *annotation(body: JsonObject): Generator<AnswerEvent> {
    const part = yield* this.textPart(body, {})
    yield* this.parts.annotation(part, child(body, 'annotation') ?? {}, this.textPath(body))
  }

  /** A part that comes whole: it may be that nothing of it came before. */
  *wholePart(body: JsonObject, part: JsonObject): Generator<AnswerEvent> {
    if (part.type === 'reasoning_text') return
    if (part.type !== 'output_text' && part.type !== 'refusal' && part.type !== 'text') {
      this.report.drop(this.textPath(body))
      return
    }
    const state = yield* this.textPart(body, part)
    if (state.text === '') yield* this.parts.logprobs(state, part)
    yield* this.parts.complete(state, text(part, 'text') ?? text(part, 'refusal') ?? '')
    for (const [annotation] of [...objects(part, 'annotations')].slice(state.annotations))
      yield* this.parts.annotation(state, annotation, this.textPath(body))
    yield* this.parts.close(state)
  }

  *argumentsDelta(body: JsonObject): Generator<AnswerEvent> {
    const call = this.parts.get(`${this.itemIndex(body)}`)
    if (call !== undefined) yield* this.parts.words(call, text(body, 'delta') ?? '')
  }

  *argumentsDone(body: JsonObject): Generator<AnswerEvent> {
    const call = this.parts.get(`${this.itemIndex(body)}`)
    if (call !== undefined) yield* this.parts.complete(call, text(body, 'arguments') ?? text(body, 'input') ?? '')
  }

  /** A blank line stands between the parts of a summary. */
  *summaryStart(body: JsonObject): Generator<AnswerEvent> {
    const part = this.parts.get(`${this.itemIndex(body)}`)
    if (part !== undefined && part.text !== '' && part.source === 'summary') yield* this.parts.words(part, '\n\n')
  }

  *reasoningDelta(body: JsonObject, source: 'summary' | 'content'): Generator<AnswerEvent> {
    const index = this.itemIndex(body)
    const part = yield* this.parts.open(`${index}`, { kind: 'reasoning', path: `output[${index}]` })
    // Summary and content say the same reasoning twice: the one that comes first counts.
    part.source ??= source
    if (part.source === source) yield* this.parts.words(part, text(body, 'delta') ?? '')
  }

  *itemStart(item: JsonObject, index: number): Generator<AnswerEvent> {
    const path = `output[${index}]`
    this.items.add(index)
    switch (item.type) {
      case 'function_call':
      case 'custom_tool_call':
        yield* this.callStart(item, `${index}`, path)
        break
      case 'message':
        this.report.hintAll(unknownMembers(item, messageMembers, path))
        break
      case 'reasoning':
      case 'image_generation_call':
        break
      default:
        this.report.drop(path)
    }
  }

  private *callStart(item: JsonObject, key: string, path: string): Generator<AnswerEvent> {
    this.report.hintAll(unknownMembers(item, callMembers, path))
    yield* this.parts.open(key, {
      kind: 'tool-call',
      id: text(item, 'call_id') ?? text(item, 'id') ?? '',
      name: text(item, 'name') ?? '',
      path,
      ...(item.type === 'custom_tool_call' ? { custom: true } : {}),
    })
  }

  *itemDone(item: JsonObject, index: number): Generator<AnswerEvent> {
    if (!this.items.has(index)) yield* this.itemStart(item, index)
    this.doneItems.add(index)
    switch (item.type) {
      case 'message':
        for (const [part, place] of objects(item, 'content'))
          yield* this.wholePart({ output_index: index - this.base, content_index: place }, part)
        break
      case 'reasoning':
        yield* this.reasoningDone(item, index)
        break
      case 'image_generation_call':
        yield* this.pictureDone(item, `output[${index}]`)
        break
      default:
        yield* this.callDone(item, `${index}`)
    }
  }

  private *callDone(item: JsonObject, key: string): Generator<AnswerEvent> {
    const call = this.parts.get(key)
    if (call === undefined) return
    yield* this.parts.complete(call, text(item, 'arguments') ?? text(item, 'input') ?? '')
    yield* this.parts.close(call)
  }

  private *pictureDone(item: JsonObject, path: string): Generator<AnswerEvent> {
    const picture = readPicture(item, path)
    if (picture.kind === 'foreign') this.report.drop(path)
    else yield* this.parts.whole({ kind: 'image', media: picture.media, path })
  }

  private *reasoningDone(item: JsonObject, index: number): Generator<AnswerEvent> {
    const key = `${index}`
    const encrypted = text(item, 'encrypted_content') ?? ''
    const words = [...objects(item, list(item, 'summary').length > 0 ? 'summary' : 'content')]
      .map(([part]) => text(part, 'text') ?? '')
      .filter((part) => part !== '')
    if (encrypted === '' && words.length === 0 && this.parts.get(key) === undefined) return
    const part = yield* this.parts.open(key, { kind: 'reasoning', path: `output[${index}]` })
    if (part.text === '') yield* this.parts.words(part, words.join('\n\n'))
    if (encrypted !== '' && !part.closed) {
      const opaque = fromOpaqueField(encrypted, 'openai', 'encrypted', text(item, 'id'))
      yield { kind: 'opaque', part: part.part, opaque }
    }
    yield* this.parts.close(part)
  }

  *finished(response: JsonObject): Generator<AnswerEvent> {
    this.report.dropAll(unknownMembers(response, responseEnvelope, ''))
    for (const [item, place] of objects(response, 'output'))
      if (!this.doneItems.has(this.base + place)) yield* this.itemDone(item, this.base + place)
    yield* this.parts.closeAll()
    const usage = readOpenAiUsage(child(response, 'usage'))
    if (usage !== undefined) yield { kind: 'usage', usage }
    this.ending = [{ kind: 'stop', stop: toStop(response, this.parts.called) }, { kind: 'end' }]
  }
}
