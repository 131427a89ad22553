import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import { rawText, type JsonObject } from '../json.ts'
import { child, list, number, objects, text, unknownMembers } from '../members.ts'
import type { AnswerEvent, Opaque, OpenPart, Usage } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { readOpenAiUsage } from '../usage.ts'
import { chatEnvelope, toStop } from './answer.ts'
import { oldCallId, readAnnotation, readImage, readThinking } from './content-in.ts'
import { detailOpaque, reasoningMembers, thoughtSignature } from './reasoning.ts'

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

interface Call {
  readonly part: number
  readonly index: number
  readonly id: string
  opened: boolean
  held: string
  signature?: Opaque
}

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createChatStreamReader(report: TranslationReport): StreamReader {
  let started = false
  let parts = 0
  let current:
    | { readonly kind: 'text' | 'refusal' | 'reasoning'; readonly part: number; index?: number; signed?: boolean }
    | undefined
  const calls: Call[] = []
  let finish: string | undefined
  let over = false
  const toolPath = (index: number): string => `choices[0].message.tool_calls[${index}]`

  function* start(chunk: JsonObject): Generator<AnswerEvent> {
    // Azure begins with a chunk about its filters, which names no answer yet.
    if (started || (text(chunk, 'id') === '' && list(chunk, 'choices').length === 0)) return
    started = true
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

  function* words(kind: 'text' | 'refusal' | 'reasoning', delta: string, path: string): Generator<AnswerEvent> {
    if (current?.kind !== kind) {
      if (current !== undefined) yield { kind: 'close', part: current.part }
      current = { kind, part: parts++ }
      yield { kind: 'open', part: current.part, what: { kind, path } }
    }
    if (delta !== '') yield { kind: 'delta', part: current.part, text: delta }
  }

  function* open(call: Call, name: string, custom: boolean): Generator<AnswerEvent> {
    if (current !== undefined) {
      yield { kind: 'close', part: current.part }
      current = undefined
    }
    call.opened = true
    const what: OpenPart = {
      kind: 'tool-call',
      id: call.id,
      name,
      path: toolPath(calls.indexOf(call)),
      ...(custom ? { custom } : {}),
      ...(call.signature === undefined ? {} : { signature: call.signature }),
    }
    yield { kind: 'open', part: call.part, what }
    if (call.held !== '') yield { kind: 'delta', part: call.part, text: call.held }
    call.held = ''
  }

  /**
   * Providers number and name calls differently: OpenAI sends id and name once, some repeat them in every chunk, some
   * leave the index out or count from -1, some send the id late. A new id at the same index is a new call.
   */
  // oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
  function* toolCall(delta: JsonObject): Generator<AnswerEvent> {
    const index = number(delta, 'index') ?? 0
    const id = text(delta, 'id')
    const body = child(delta, 'function') ?? child(delta, 'custom')
    const name = text(body, 'name')
    const match = calls.findLast((known) => known.index === index)
    const anew = match === undefined || (id !== undefined && id !== '' && id !== match.id && match.opened)
    const call: Call = anew
      ? {
          part: parts++,
          index,
          id: id === undefined || id === '' ? `call_${calls.length}` : id,
          opened: false,
          held: '',
        }
      : match
    if (anew) calls.push(call)
    const written =
      text(body, 'arguments') ??
      text(body, 'input') ??
      (body?.arguments !== undefined && body.arguments !== null ? rawText(body.arguments) : '')
    const signature = thoughtSignature(delta)
    if (signature !== undefined && call.opened) yield { kind: 'opaque', part: call.part, opaque: signature }
    call.signature = signature ?? call.signature
    if (!call.opened && name !== undefined && name !== '') yield* open(call, name, delta.type === 'custom')
    if (call.opened && written !== '') yield { kind: 'delta', part: call.part, text: written }
    else call.held += written
  }

  /** A detail belongs to the part before it until that is signed, or until the index moves on. */
  // oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
  function* detail(stated: JsonObject): Generator<AnswerEvent> {
    const readable = text(stated, 'text') ?? text(stated, 'summary') ?? ''
    const opaque = detailOpaque(stated)
    const index = number(stated, 'index')
    const moved = readable !== '' && current?.index !== undefined && index !== undefined && index !== current.index
    if (current?.kind === 'reasoning' && (current.signed === true || moved)) {
      yield { kind: 'close', part: current.part }
      current = undefined
    }
    if (readable !== '' || opaque !== undefined)
      yield* words('reasoning', readable, 'choices[0].message.reasoning_details')
    if (current === undefined) return
    if (index !== undefined) current.index = index
    if (opaque === undefined) return
    current.signed = true
    yield { kind: 'opaque', part: current.part, opaque }
  }

  function* reasoning(delta: JsonObject): Generator<AnswerEvent> {
    const said = text(delta, 'reasoning_content') ?? text(delta, 'reasoning')
    const details = [...objects(delta, 'reasoning_details')].map(([stated]) => stated)
    for (const stated of details) yield* detail(stated)
    const detailed = details.some((stated) => (text(stated, 'text') ?? text(stated, 'summary') ?? '') !== '')
    if (said !== undefined && said !== '' && !detailed)
      yield* words('reasoning', said, 'choices[0].message.reasoning_content')
    const signature = thoughtSignature(delta)
    if (signature === undefined) return
    yield* words('reasoning', '', 'choices[0].message.extra_content')
    if (current !== undefined) yield { kind: 'opaque', part: current.part, opaque: signature }
  }

  function* content(delta: JsonObject): Generator<AnswerEvent> {
    const said = text(delta, 'content')
    if (said !== undefined && said !== '') yield* words('text', said, 'choices[0].message.content')
    for (const [part] of objects(delta, 'content')) {
      if (part.type === 'thinking') yield* words('reasoning', readThinking(part), 'choices[0].message.content')
      else if (part.type === 'text') yield* words('text', text(part, 'text') ?? '', 'choices[0].message.content')
      else if (part.type === 'image_url') yield* picture(part, 'choices[0].message.content')
      else report.drop('choices[0].message.content')
    }
    const refused = text(delta, 'refusal')
    if (refused !== undefined && refused !== '') yield* words('refusal', refused, 'choices[0].message.refusal')
    yield* annotations(delta)
    for (const [image, index] of objects(delta, 'images')) yield* picture(image, `choices[0].message.images[${index}]`)
  }

  /** They may come late, behind a call or reasoning: then an empty text carries them. */
  function* annotations(delta: JsonObject): Generator<AnswerEvent> {
    for (const [annotation, index] of objects(delta, 'annotations')) {
      const path = `choices[0].message.annotations[${index}]`
      const citation = readAnnotation(annotation, path)
      if (citation === undefined) {
        report.drop(path)
        continue
      }
      yield* words('text', '', 'choices[0].message.content')
      if (current !== undefined) yield { kind: 'citation', part: current.part, citation }
    }
  }

  function* picture(stated: JsonObject, path: string): Generator<AnswerEvent> {
    const image = readImage(stated, path)
    if (image === undefined) {
      report.drop(path)
      return
    }
    if (current !== undefined) yield { kind: 'close', part: current.part }
    current = undefined
    yield { kind: 'open', part: parts, what: { kind: 'image', media: image.media, path } }
    yield { kind: 'close', part: parts++ }
  }

  function* choice(stated: JsonObject): Generator<AnswerEvent> {
    const delta = child(stated, 'delta') ?? { content: text(stated, 'text') ?? null }
    report.dropAll(unknownMembers(delta, deltaMembers, 'choices[0].message'))
    yield* reasoning(delta)
    yield* content(delta)
    const logprobs = child(stated, 'logprobs')?.content
    if (Array.isArray(logprobs) && logprobs.length > 0) {
      if (current?.kind === 'text') yield { kind: 'logprobs', part: current.part, json: rawText(logprobs) }
      else report.drop('choices[0].logprobs')
    }
    for (const [call] of objects(delta, 'tool_calls')) yield* toolCall(call)
    const old = child(delta, 'function_call')
    if (old !== undefined)
      yield* toolCall({
        index: 0,
        function: old,
        ...(text(old, 'name') === undefined ? {} : { id: oldCallId(text(old, 'name') ?? '') }),
      })
    finish = text(stated, 'finish_reason') ?? finish
  }

  function* stop(): Generator<AnswerEvent> {
    if (current !== undefined) yield { kind: 'close', part: current.part }
    current = undefined
    for (const call of calls) {
      // A call that never said its name cannot be made; it is named as lost.
      if (call.opened) yield { kind: 'close', part: call.part }
      else report.drop(toolPath(calls.indexOf(call)))
    }
    yield {
      kind: 'stop',
      stop: toStop(
        finish,
        calls.some((call) => call.opened),
      ),
    }
    yield { kind: 'end' }
  }

  function* read({ body: chunk }: StreamEvent): Generator<AnswerEvent> {
    if (over) return
    report.dropAll(unknownMembers(chunk, chatEnvelope, ''))
    yield* start(chunk)
    for (const [stated, place] of objects(chunk, 'choices')) {
      const index = number(stated, 'index') ?? place
      if (index === 0) yield* choice(stated)
      else report.drop(`choices[${index}]`)
    }
    const usage = readChunkUsage(chunk)
    if (usage !== undefined) yield { kind: 'usage', usage }
  }

  /** `complete`: the upstream has said that the answer is whole. What it says behind its finish reason still counts. */
  function finishWith(complete: boolean): AnswerEvent[] {
    if (over) return []
    over = true
    return complete ? [...stop()] : [{ kind: 'error', error: truncatedError }]
  }

  return {
    read: (event) => [...read(event)],
    done: () => finishWith(started),
    // Some servers close without [DONE]; a finish reason says that the answer is whole.
    end: () => finishWith(finish !== undefined),
  }
}

/** Groq's last chunk carries it one level down. */
function readChunkUsage(chunk: JsonObject): Usage | undefined {
  return readOpenAiUsage(child(chunk, 'usage') ?? child(child(chunk, 'x_groq'), 'usage'))
}
