import { Raw, type JsonTree } from '../json.ts'
import type { Citation, Opaque, OpenPart } from '../model.ts'
import { writeCall, writeMessage, writeReasoning, writeText } from './answer-out.ts'

/** An output item of a stream, as far as it was written. */
export interface Item {
  readonly what: OpenPart
  readonly id: string
  text: string
  citations: Citation[]
  logprobs: string[]
  opaque?: Opaque | undefined
  /** Where the current part began in `text`: parts of text in a row are one item. */
  partStart: number
}

type Members = Record<string, JsonTree>

/** One event, with its number in the stream. */
export type WriteEvent = (type: string, members: Members) => string

export function isText(kind: OpenPart['kind']): boolean {
  return kind === 'text' || kind === 'refusal'
}

function isCustom(what: OpenPart): boolean {
  return what.kind === 'tool-call' && what.custom === true
}

export function writePart({ what, text, citations, logprobs }: Item): JsonTree {
  return what.kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : writeText(text, citations, logprobs.length === 0 ? undefined : `[${logprobs.join(',')}]`)
}

export function writeItem(item: Item, status: 'in_progress' | 'completed' | 'incomplete'): JsonTree {
  const { what, id, text, opaque } = item
  if (what.kind === 'tool-call') {
    const empty = status === 'completed' && text === '' && what.custom !== true
    return writeCall(id, what, empty ? '{}' : text, status)
  }
  if (what.kind === 'reasoning') return writeReasoning(id, text, opaque)
  return writeMessage(id, status === 'in_progress' ? undefined : writePart(item), status)
}

interface Delta {
  readonly delta: string
  /** Nothing of the item was written before. */
  readonly first: boolean
  readonly place: Members
}

export function deltaEvent({ what }: Item, { delta, first, place }: Delta, event: WriteEvent): string {
  switch (what.kind) {
    case 'text':
      return event('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] })
    case 'refusal':
      return event('response.refusal.delta', { ...place, content_index: 0, delta })
    case 'reasoning': {
      const part = { type: 'summary_text', text: '' }
      const added = first ? event('response.reasoning_summary_part.added', { ...place, summary_index: 0, part }) : ''
      return added + event('response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta })
    }
    default: {
      const type = isCustom(what) ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta'
      return event(type, { ...place, delta })
    }
  }
}

/** The events that say an item's parts once more, whole, before the item itself is done. */
export function doneEvents(item: Item, place: Members, event: WriteEvent): string {
  const { what, text } = item
  if (isText(what.kind)) return textDone(item, { ...place, content_index: 0 }, event)
  if (what.kind === 'reasoning') return text === '' ? '' : reasoningDone(text, { ...place, summary_index: 0 }, event)
  return isCustom(what)
    ? event('response.custom_tool_call_input.done', { ...place, input: text })
    : event('response.function_call_arguments.done', { ...place, arguments: text === '' ? '{}' : text })
}

function textDone(item: Item, place: Members, event: WriteEvent): string {
  const { what, text } = item
  const done =
    what.kind === 'refusal'
      ? event('response.refusal.done', { ...place, refusal: text })
      : event('response.output_text.done', { ...place, text, logprobs: new Raw(`[${item.logprobs.join(',')}]`) })
  return done + event('response.content_part.done', { ...place, part: writePart(item) })
}

function reasoningDone(text: string, place: Members, event: WriteEvent): string {
  return (
    event('response.reasoning_summary_text.done', { ...place, text }) +
    event('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } })
  )
}
