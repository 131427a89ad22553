import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import { rawText, type JsonObject } from '../json.ts'
import { child, list, number, objects, text, unknownMembers } from '../members.ts'
import type { AnswerEvent, Opaque, Usage } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readOpenAiUsage } from '../usage.ts'
import { chatEnvelope, toStop } from './answer.ts'
import { oldCallId, readAnnotation, readImage, readThinking } from './content-in.ts'
import { detailOpaque, detailText, reasoningMembers, thoughtSignature } from './reasoning.ts'
import { callPath, readArguments, StreamedCalls, toOpenCall, type StreamedCall } from './stream-calls.ts'

const deltaMembers = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'images',
  'channel',
  'token_id',
  ...reasoningMembers,
])

const contentPath = 'choices[0].message.content'

/** The part that deltas without an id of their own go on with. */
interface CurrentPart {
  readonly kind: 'text' | 'refusal' | 'reasoning'
  readonly part: number
  /** Of a reasoning detail, where it has one. */
  index?: number
  signed?: boolean
}

export function createChatStreamReader(report: TranslationReport): StreamReader {
  return new ChatStreamReader(report)
}

class ChatStreamReader implements StreamReader {
  private readonly report: TranslationReport
  private readonly calls = new StreamedCalls()
  private started = false
  private parts = 0
  private current: CurrentPart | undefined
  private finish: string | undefined
  private over = false

  constructor(report: TranslationReport) {
    this.report = report
  }

  read(event: StreamEvent): AnswerEvent[] {
    return this.over ? [] : [...this.chunk(event.body)]
  }

  done(): AnswerEvent[] {
    return this.finishWith(this.started)
  }

  /** Some servers close without [DONE]; a finish reason says that the answer is whole. */
  end(): AnswerEvent[] {
    return this.finishWith(this.finish !== undefined)
  }

  /** What the upstream says behind its finish reason still counts, so the answer ends only here. */
  private finishWith(complete: boolean): AnswerEvent[] {
    if (this.over) return []
    this.over = true
    return complete ? [...this.stop()] : [{ kind: 'error', error: truncatedError }]
  }

  private *chunk(chunk: JsonObject): Generator<AnswerEvent> {
    this.report.dropAll(unknownMembers(chunk, chatEnvelope, ''))
    yield* this.start(chunk)
    for (const [choice, place] of objects(chunk, 'choices')) {
      const index = number(choice, 'index') ?? place
      if (index === 0) yield* this.choice(choice)
      else this.report.drop(`choices[${index}]`)
    }
    const usage = readChunkUsage(chunk)
    if (usage !== undefined) yield { kind: 'usage', usage }
  }

  private *start(chunk: JsonObject): Generator<AnswerEvent> {
    // Azure begins with a chunk about its filters, which names no answer yet.
    if (this.started || (text(chunk, 'id') === '' && list(chunk, 'choices').length === 0)) return
    this.started = true
    const created = number(chunk, 'created')
    const tier = text(chunk, 'service_tier')
    const usage = readChunkUsage(chunk)
    yield {
      kind: 'start',
      id: text(chunk, 'id') ?? '',
      model: text(chunk, 'model') ?? '',
      ...(created === undefined ? {} : { created }),
      ...(usage === undefined ? {} : { usage }),
      ...(tier === undefined ? {} : { serviceTier: tier }),
    }
  }

  private *choice(choice: JsonObject): Generator<AnswerEvent> {
    const delta = child(choice, 'delta') ?? { content: text(choice, 'text') ?? null }
    this.report.dropAll(unknownMembers(delta, deltaMembers, 'choices[0].message'))
    yield* this.reasoning(delta)
    yield* this.content(delta)
    yield* this.logprobs(choice)
    for (const [call] of objects(delta, 'tool_calls')) yield* this.toolCall(call)
    const old = child(delta, 'function_call')
    if (old !== undefined) yield* this.toolCall(fromFunctionCall(old))
    this.finish = text(choice, 'finish_reason') ?? this.finish
  }

  private *words(kind: CurrentPart['kind'], delta: string, path: string): Generator<AnswerEvent> {
    if (this.current?.kind !== kind) {
      yield* this.close()
      this.current = { kind, part: this.parts++ }
      yield { kind: 'open', part: this.current.part, what: { kind, path } }
    }
    if (delta !== '') yield { kind: 'delta', part: this.current.part, text: delta }
  }

  private *close(): Generator<AnswerEvent> {
    if (this.current === undefined) return
    yield { kind: 'close', part: this.current.part }
    this.current = undefined
  }

  private *reasoning(delta: JsonObject): Generator<AnswerEvent> {
    const details = [...objects(delta, 'reasoning_details')].map(([detail]) => detail)
    for (const detail of details) yield* this.detail(detail)
    const plain = text(delta, 'reasoning_content') ?? text(delta, 'reasoning') ?? ''
    // Some servers send the same words twice, plain and in details.
    if (plain !== '' && details.every((detail) => detailText(detail) === ''))
      yield* this.words('reasoning', plain, 'choices[0].message.reasoning_content')
    const signature = thoughtSignature(delta)
    if (signature === undefined) return
    yield* this.words('reasoning', '', 'choices[0].message.extra_content')
    if (this.current !== undefined) yield { kind: 'opaque', part: this.current.part, opaque: signature }
  }

  private *detail(detail: JsonObject): Generator<AnswerEvent> {
    const words = detailText(detail)
    const opaque = detailOpaque(detail)
    const index = number(detail, 'index')
    if (this.beginsNewReasoning(words, index)) yield* this.close()
    if (words !== '' || opaque !== undefined)
      yield* this.words('reasoning', words, 'choices[0].message.reasoning_details')
    if (this.current !== undefined) yield* this.place(this.current, index, opaque)
  }

  /** A detail belongs to the part before it until that is signed, or until the index moves on. */
  private beginsNewReasoning(words: string, index: number | undefined): boolean {
    const current = this.current
    if (current?.kind !== 'reasoning') return false
    const moved = words !== '' && current.index !== undefined && index !== undefined && index !== current.index
    return current.signed === true || moved
  }

  private *place(part: CurrentPart, index: number | undefined, opaque: Opaque | undefined): Generator<AnswerEvent> {
    if (index !== undefined) part.index = index
    if (opaque === undefined) return
    part.signed = true
    yield { kind: 'opaque', part: part.part, opaque }
  }

  private *content(delta: JsonObject): Generator<AnswerEvent> {
    const words = text(delta, 'content') ?? ''
    if (words !== '') yield* this.words('text', words, contentPath)
    for (const [part] of objects(delta, 'content')) yield* this.contentPart(part)
    const refusal = text(delta, 'refusal') ?? ''
    if (refusal !== '') yield* this.words('refusal', refusal, 'choices[0].message.refusal')
    yield* this.annotations(delta)
    for (const [image, index] of objects(delta, 'images'))
      yield* this.picture(image, `choices[0].message.images[${index}]`)
  }

  private *contentPart(part: JsonObject): Generator<AnswerEvent> {
    if (part.type === 'thinking') yield* this.words('reasoning', readThinking(part), contentPath)
    else if (part.type === 'text') yield* this.words('text', text(part, 'text') ?? '', contentPath)
    else if (part.type === 'image_url') yield* this.picture(part, contentPath)
    else this.report.drop(contentPath)
  }

  /** They may come late, behind a call or reasoning: then an empty text carries them. */
  private *annotations(delta: JsonObject): Generator<AnswerEvent> {
    for (const [annotation, index] of objects(delta, 'annotations')) {
      const path = `choices[0].message.annotations[${index}]`
      const citation = readAnnotation(annotation, path)
      if (citation === undefined) {
        this.report.drop(path)
        continue
      }
      yield* this.words('text', '', contentPath)
      if (this.current !== undefined) yield { kind: 'citation', part: this.current.part, citation }
    }
  }

  private *picture(holder: JsonObject, path: string): Generator<AnswerEvent> {
    const image = readImage(holder, path)
    if (image === undefined) {
      this.report.drop(path)
      return
    }
    yield* this.close()
    yield { kind: 'open', part: this.parts, what: { kind: 'image', media: image.media, path } }
    yield { kind: 'close', part: this.parts++ }
  }

  private *logprobs(choice: JsonObject): Generator<AnswerEvent> {
    const logprobs = child(choice, 'logprobs')?.content
    if (!Array.isArray(logprobs) || logprobs.length === 0) return
    if (this.current?.kind === 'text') yield { kind: 'logprobs', part: this.current.part, json: rawText(logprobs) }
    else this.report.drop('choices[0].logprobs')
  }

  private *toolCall(delta: JsonObject): Generator<AnswerEvent> {
    const body = child(delta, 'function') ?? child(delta, 'custom')
    const call = this.calls.find(delta) ?? this.calls.add(delta, this.parts++)
    const signature = thoughtSignature(delta)
    if (signature !== undefined && call.opened) yield { kind: 'opaque', part: call.part, opaque: signature }
    call.signature = signature ?? call.signature
    const name = text(body, 'name') ?? ''
    if (!call.opened && name !== '') yield* this.openCall(call, name, delta.type === 'custom')
    const written = readArguments(body)
    if (call.opened && written !== '') yield { kind: 'delta', part: call.part, text: written }
    else call.held += written
  }

  private *openCall(call: StreamedCall, name: string, custom: boolean): Generator<AnswerEvent> {
    yield* this.close()
    call.opened = true
    yield { kind: 'open', part: call.part, what: toOpenCall(call, name, custom) }
    if (call.held !== '') yield { kind: 'delta', part: call.part, text: call.held }
    call.held = ''
  }

  private *stop(): Generator<AnswerEvent> {
    yield* this.close()
    for (const call of this.calls.all) {
      // A call whose name never came cannot be made; it is reported as lost.
      if (call.opened) yield { kind: 'close', part: call.part }
      else this.report.drop(callPath(call))
    }
    const called = this.calls.all.some((call) => call.opened)
    yield { kind: 'stop', stop: toStop(this.finish, called) }
    yield { kind: 'end' }
  }
}

/** The older form of a call: one, without an id. */
function fromFunctionCall(body: JsonObject): JsonObject {
  const name = text(body, 'name')
  return { index: 0, function: body, ...(name === undefined ? {} : { id: oldCallId(name) }) }
}

/** Groq's last chunk carries it one level down. */
function readChunkUsage(chunk: JsonObject): Usage | undefined {
  return readOpenAiUsage(child(chunk, 'usage') ?? child(child(chunk, 'x_groq'), 'usage'))
}
