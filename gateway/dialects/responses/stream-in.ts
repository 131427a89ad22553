import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import { rawText, type JsonObject } from '../json.ts'
import { child, list, number, objects, text, unknownMembers } from '../members.ts'
import type { AnswerEvent, OpenPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { readAnnotation } from '../chat/content-in.ts'
import { readOpenAiUsage } from '../usage.ts'
import { readPicture, responseEnvelope, toStop } from './answer-in.ts'

interface Spoken {
  readonly part: number
  said: string
  annotations: number
  closed: boolean
  source?: string
}

/**
 * Parts are keyed by item and content index. Whatever a `done` event says that no delta said before is said then. A
 * stream may carry several responses one after the other; they read as one answer, so the end is told when the upstream
 * closes.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createResponsesStreamReader(report: TranslationReport): StreamReader {
  const spoken = new Map<string, Spoken>()
  const items = new Set<number>()
  const done = new Set<number>()
  let parts = 0
  let started = false
  let called = false
  let over = false
  let ending: AnswerEvent[] | undefined
  /** Items of the responses before this one. */
  let base = 0

  function* open(key: string, what: OpenPart): Generator<AnswerEvent, Spoken> {
    const known = spoken.get(key)
    if (known !== undefined) return known
    const state: Spoken = { part: parts++, said: '', annotations: 0, closed: false }
    spoken.set(key, state)
    if (what.kind === 'tool-call') called = true
    yield { kind: 'open', part: state.part, what }
    return state
  }

  function* said(state: Spoken, delta: string): Generator<AnswerEvent> {
    if (delta === '' || state.closed) return
    state.said += delta
    yield { kind: 'delta', part: state.part, text: delta }
  }

  /** A text that is told whole: only what the deltas did not say of it is new. */
  function* completed(state: Spoken, whole: string): Generator<AnswerEvent> {
    if (whole.startsWith(state.said)) yield* said(state, whole.slice(state.said.length))
  }

  function* close(state: Spoken | undefined): Generator<AnswerEvent> {
    if (state === undefined || state.closed) return
    state.closed = true
    yield { kind: 'close', part: state.part }
  }

  const itemIndex = (body: JsonObject): number => base + (number(body, 'output_index') ?? 0)
  const textKey = (body: JsonObject): string => `${itemIndex(body)}.${number(body, 'content_index') ?? 0}`
  const textPath = (body: JsonObject): string =>
    `output[${itemIndex(body)}].content[${number(body, 'content_index') ?? 0}]`

  function* textPart(body: JsonObject, part: JsonObject): Generator<AnswerEvent, Spoken> {
    const kind = part.type === 'refusal' || text(body, 'type')?.includes('refusal') === true ? 'refusal' : 'text'
    return yield* open(textKey(body), { kind, path: textPath(body) })
  }

  function* logprobs(state: Spoken, holder: JsonObject): Generator<AnswerEvent> {
    const stated = holder.logprobs
    if (Array.isArray(stated) && stated.length > 0) yield { kind: 'logprobs', part: state.part, json: rawText(stated) }
  }

  function* annotation(state: Spoken, stated: JsonObject, path: string): Generator<AnswerEvent> {
    const place = `${path}.annotations[${state.annotations++}]`
    const citation = readAnnotation(stated, place)
    if (citation === undefined) report.drop(place)
    else yield { kind: 'citation', part: state.part, citation }
  }

  /** A part that is told whole: nothing of it may have been said yet. */
  function* wholePart(body: JsonObject, part: JsonObject): Generator<AnswerEvent> {
    if (part.type === 'reasoning_text') return
    if (part.type !== 'output_text' && part.type !== 'refusal' && part.type !== 'text') {
      report.drop(textPath(body))
      return
    }
    const state = yield* textPart(body, part)
    if (state.said === '') yield* logprobs(state, part)
    yield* completed(state, text(part, 'text') ?? text(part, 'refusal') ?? '')
    for (const [stated] of [...objects(part, 'annotations')].slice(state.annotations))
      yield* annotation(state, stated, textPath(body))
    yield* close(state)
  }

  function* itemStart(item: JsonObject, index: number): Generator<AnswerEvent> {
    const path = `output[${index}]`
    items.add(index)
    switch (item.type) {
      case 'function_call':
      case 'custom_tool_call': {
        report.hintAll(
          unknownMembers(item, new Set(['type', 'id', 'status', 'call_id', 'name', 'arguments', 'input']), path),
        )
        yield* open(`${index}`, {
          kind: 'tool-call',
          id: text(item, 'call_id') ?? text(item, 'id') ?? '',
          name: text(item, 'name') ?? '',
          path,
          ...(item.type === 'custom_tool_call' ? { custom: true } : {}),
        })
        break
      }
      case 'message':
        report.hintAll(unknownMembers(item, new Set(['type', 'id', 'status', 'role', 'content']), path))
        break
      case 'reasoning':
      case 'image_generation_call':
        break
      default:
        report.drop(path)
    }
  }

  function* itemDone(item: JsonObject, index: number): Generator<AnswerEvent> {
    if (!items.has(index)) yield* itemStart(item, index)
    done.add(index)
    const state = spoken.get(`${index}`)
    if (item.type === 'message') {
      for (const [part, place] of objects(item, 'content'))
        yield* wholePart({ output_index: index - base, content_index: place }, part)
    } else if (item.type === 'reasoning') yield* reasoningDone(item, index)
    else if (item.type === 'image_generation_call') yield* pictureDone(item, `output[${index}]`)
    else if (state !== undefined) {
      yield* completed(state, text(item, 'arguments') ?? text(item, 'input') ?? '')
      yield* close(state)
    }
  }

  function* pictureDone(item: JsonObject, path: string): Generator<AnswerEvent> {
    const picture = readPicture(item, path)
    if (picture.kind === 'foreign') {
      report.drop(path)
      return
    }
    yield { kind: 'open', part: parts, what: { kind: 'image', media: picture.media, path } }
    yield { kind: 'close', part: parts++ }
  }

  function* reasoningDone(item: JsonObject, index: number): Generator<AnswerEvent> {
    const encrypted = text(item, 'encrypted_content') ?? ''
    const words = [...objects(item, list(item, 'summary').length > 0 ? 'summary' : 'content')]
      .map(([part]) => text(part, 'text') ?? '')
      .filter((part) => part !== '')
    if (encrypted === '' && words.length === 0 && !spoken.has(`${index}`)) return
    const state = yield* open(`${index}`, { kind: 'reasoning', path: `output[${index}]` })
    if (state.said === '') yield* said(state, words.join('\n\n'))
    if (encrypted !== '' && !state.closed)
      yield {
        kind: 'opaque',
        part: state.part,
        opaque: fromOpaqueField(encrypted, 'openai', 'encrypted', text(item, 'id')),
      }
    yield* close(state)
  }

  function* reasoningDelta(body: JsonObject, source: string): Generator<AnswerEvent> {
    const index = itemIndex(body)
    const state = yield* open(`${index}`, { kind: 'reasoning', path: `output[${index}]` })
    // Summary and content say the same reasoning twice: the one that comes first is told.
    state.source ??= source
    if (state.source === source) yield* said(state, text(body, 'delta') ?? '')
  }

  function* finished(response: JsonObject): Generator<AnswerEvent> {
    report.dropAll(unknownMembers(response, responseEnvelope, ''))
    for (const [item, index] of objects(response, 'output'))
      if (!done.has(base + index)) yield* itemDone(item, base + index)
    for (const state of spoken.values()) yield* close(state)
    const usage = readOpenAiUsage(child(response, 'usage'))
    if (usage !== undefined) yield { kind: 'usage', usage }
    ending = [{ kind: 'stop', stop: toStop(response, called) }, { kind: 'end' }]
  }

  function* start(response: JsonObject | undefined, anew: boolean): Generator<AnswerEvent> {
    if (started && anew) {
      for (const state of spoken.values()) yield* close(state)
      base = Math.max(-1, ...items) + 1
      ending = undefined
    }
    if (started) return
    started = true
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

  // oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
  function* read({ body, name }: StreamEvent): Generator<AnswerEvent> {
    if (over) return
    const index = itemIndex(body)
    const type = text(body, 'type') ?? name
    yield* start(child(body, 'response'), type === 'response.created')
    switch (type) {
      case 'response.output_item.added':
        yield* itemStart(child(body, 'item') ?? {}, index)
        break
      case 'response.content_part.added': {
        const part = child(body, 'part') ?? {}
        if (part.type === 'output_text' || part.type === 'refusal') yield* textPart(body, part)
        break
      }
      case 'response.output_text.delta':
      case 'response.refusal.delta': {
        const state = yield* textPart(body, {})
        yield* said(state, text(body, 'delta') ?? '')
        yield* logprobs(state, body)
        break
      }
      case 'response.output_text.annotation.added':
        yield* annotation(yield* textPart(body, {}), child(body, 'annotation') ?? {}, textPath(body))
        break
      case 'response.content_part.done':
        yield* wholePart(body, child(body, 'part') ?? {})
        break
      case 'response.output_text.done':
      case 'response.refusal.done':
        yield* completed(yield* textPart(body, {}), text(body, 'text') ?? text(body, 'refusal') ?? '')
        break
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done': {
        const state = spoken.get(`${index}`)
        if (state !== undefined) yield* completed(state, text(body, 'arguments') ?? text(body, 'input') ?? '')
        break
      }
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta': {
        const state = spoken.get(`${index}`)
        if (state !== undefined) yield* said(state, text(body, 'delta') ?? '')
        break
      }
      case 'response.reasoning_summary_part.added': {
        const state = spoken.get(`${index}`)
        if (state !== undefined && state.said !== '' && state.source === 'summary') yield* said(state, '\n\n')
        break
      }
      case 'response.reasoning_summary_text.delta':
        yield* reasoningDelta(body, 'summary')
        break
      case 'response.reasoning_text.delta':
        yield* reasoningDelta(body, 'content')
        break
      case 'response.output_item.done':
        yield* itemDone(child(body, 'item') ?? {}, index)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        yield* finished(child(body, 'response') ?? {})
        break
      default: {
        // Some servers have words of their own for the last event; the status in it says the same.
        const response = child(body, 'response')
        if (/^(?:completed|incomplete|failed)$/.test(text(response, 'status') ?? '')) yield* finished(response ?? {})
      }
    }
  }

  return {
    read: (event) => [...read(event)],
    end: () => {
      if (over) return []
      over = true
      return ending ?? [{ kind: 'error', error: truncatedError }]
    },
  }
}
