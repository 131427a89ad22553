/**
 * Replaces in the texts of a streamed answer, event by event, with the result that the whole text would have. What is
 * held back of a text is as long as the longest match; it comes with a later event, or in one of its own before the
 * text ends. Events that say nothing else than before keep their bytes.
 */
import type { Wire } from '../../../db/words/wire.ts'
import {
  replaceAll,
  StreamedReplacement,
  type Replacement,
} from '../../../workflows/domain/rules/regular-expression.ts'
import { findAnswerTexts } from '../../../workflows/domain/rules/texts.ts'
import { readAt } from '../../../workflows/domain/rules/values.ts'
import type { Stage } from '../../bytes/answer-transform.ts'
import { toSplices, type JsonEdit } from '../../bytes/json-edit.ts'
import { SseBlock } from '../../bytes/sse-block.ts'

interface OwnedReplacement {
  ruleId: string
  replacement: Replacement
}

type Fields = Record<string, any>

/** `changed`: where the rules are noted that have replaced something. */
export function createTextStream(wire: Wire, replacements: OwnedReplacement[], changed: Set<string>): Stage {
  if (replacements.length === 0) return { push: (block) => [block], end: () => [] }
  const texts = new Texts(replacements, changed)
  const dialect =
    wire === 'chat' ? new ChatTexts(texts) : wire === 'messages' ? new MessagesTexts(texts) : new ResponsesTexts(texts)
  return { push: (block) => rewrite(block, dialect), end: () => toBlocks(dialect.end()) }
}

interface Rewritten {
  /** Events to go out before this one. */
  before: string
  edits: JsonEdit[]
}

interface WireTexts {
  see(event: Fields): Rewritten | null
  /** The stream says that it is over, or is. */
  end(): string
}

function rewrite(block: SseBlock, dialect: WireTexts): SseBlock[] {
  const data = block.toData()
  if (data.length === 0) return [block]
  const event = parse(data)
  // Not JSON is `[DONE]`: nothing comes behind it.
  if (event === null) return [...toBlocks(dialect.end()), block]
  const rewritten = dialect.see(event)
  if (rewritten === null) return [block]
  const splices = rewritten.edits.length === 0 ? null : toSplices(data, rewritten.edits)
  return [...toBlocks(rewritten.before), splices === null ? block : block.withBytes(block.splice(splices))]
}

/** Events of our own, to go out between those of the stream. */
function toBlocks(text: string): SseBlock[] {
  return text === '' ? [] : [new SseBlock(Buffer.from(text))]
}

function parse(data: Buffer): Fields | null {
  try {
    const json: unknown = JSON.parse(data.toString('utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Fields) : {}
  } catch {
    return null
  }
}

function toEvent(data: Fields, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Each text of an answer by a key, with its replacements in order: the result of one is the text of the next. */
class Texts {
  readonly #replacements: OwnedReplacement[]
  readonly #changed: Set<string>
  readonly #open = new Map<string, StreamedReplacement[]>()

  constructor(replacements: OwnedReplacement[], changed: Set<string>) {
    this.#replacements = replacements
    this.#changed = changed
  }

  push(key: string, text: string): string {
    const stages =
      this.#open.get(key) ?? this.#replacements.map(({ replacement }) => new StreamedReplacement(replacement))
    this.#open.set(key, stages)
    return this.#note(
      stages,
      stages.reduce((piece, stage) => stage.push(piece), text),
    )
  }

  end(key: string): string {
    const stages = this.#open.get(key)
    if (stages === undefined) return ''
    this.#open.delete(key)
    return this.#note(
      stages,
      stages.reduce((piece, stage) => stage.push(piece) + stage.end(), ''),
    )
  }

  /** A text that comes once more, whole. */
  replace(text: string): string {
    return this.#replacements.reduce((piece, { replacement }) => {
      const replaced = replaceAll(replacement, piece)
      return 'text' in replaced ? replaced.text : piece
    }, text)
  }

  get keys(): string[] {
    return [...this.#open.keys()]
  }

  #note(stages: StreamedReplacement[], text: string): string {
    for (const [index, { changed }] of stages.entries())
      if (changed) this.#changed.add((this.#replacements[index] as OwnedReplacement).ruleId)
    return text
  }
}

/** What is held of a choice comes with the chunk that says why it stopped. */
class ChatTexts implements WireTexts {
  readonly #texts: Texts
  #last: Fields = {}

  constructor(texts: Texts) {
    this.#texts = texts
  }

  see(event: Fields): Rewritten | null {
    if (!Array.isArray(event.choices)) return null
    this.#last = event
    const edits: JsonEdit[] = []
    for (const [at, choice] of (event.choices as (Fields | null)[]).entries()) {
      const delta = choice?.delta as Fields | null | undefined
      if (typeof delta !== 'object' || delta === null) continue
      const edit = this.#change(choice as Fields, delta, at)
      if (edit !== null) edits.push(edit)
    }
    return edits.length === 0 ? null : { before: '', edits }
  }

  #change(choice: Fields, delta: Fields, at: number): JsonEdit | null {
    const key = String(choice.index ?? at)
    const written = typeof delta.content === 'string' ? delta.content : null
    let text = written === null ? '' : this.#texts.push(key, written)
    if (typeof choice.finish_reason === 'string') text += this.#texts.end(key)
    if (text === (written ?? '')) return null
    const path = ['choices', at, 'delta']
    const json = JSON.stringify(text)
    return Object.hasOwn(delta, 'content')
      ? { kind: 'set', path: [...path, 'content'], json }
      : { kind: 'addMember', path, name: 'content', json }
  }

  /** A stream that never said why it stopped. */
  end(): string {
    const { id, object, created, model } = this.#last
    return this.#texts.keys
      .map((key) => ({ key, text: this.#texts.end(key) }))
      .filter(({ text }) => text !== '')
      .map(({ key, text }) =>
        toEvent({
          id,
          object,
          created,
          model,
          choices: [{ index: Number(key), delta: { content: text }, finish_reason: null }],
        }),
      )
      .join('')
  }
}

class MessagesTexts implements WireTexts {
  readonly #texts: Texts

  constructor(texts: Texts) {
    this.#texts = texts
  }

  see(event: Fields): Rewritten | null {
    const key = String(event.index)
    if (event.type === 'content_block_stop') return { before: this.#flush(key), edits: [] }
    if (event.type === 'content_block_start' && event.content_block?.type === 'text')
      return this.#change(event, key, ['content_block', 'text'])
    return event.type === 'content_block_delta' && event.delta?.type === 'text_delta'
      ? this.#change(event, key, ['delta', 'text'])
      : null
  }

  #change(event: Fields, key: string, path: string[]): Rewritten | null {
    const place = readAt(event, path)
    if (!place.found || typeof place.value !== 'string') return null
    const text = this.#texts.push(key, place.value)
    return text === place.value ? null : { before: '', edits: [{ kind: 'set', path, json: JSON.stringify(text) }] }
  }

  #flush(key: string): string {
    const text = this.#texts.end(key)
    return text === ''
      ? ''
      : toEvent(
          { type: 'content_block_delta', index: Number(key), delta: { type: 'text_delta', text } },
          'content_block_delta',
        )
  }

  end(): string {
    return this.#texts.keys.map((key) => this.#flush(key)).join('')
  }
}

interface TextChange {
  path: (string | number)[]
  text: string
  replaced: string
}

function keyOf(event: Fields): string {
  return `${event.output_index}/${event.content_index}`
}

/**
 * Here each text comes again whole, up to three times, and events are numbered: one that is put in moves the numbers
 * behind it.
 */
class ResponsesTexts implements WireTexts {
  readonly #texts: Texts
  #added = 0

  constructor(texts: Texts) {
    this.#texts = texts
  }

  see(event: Fields): Rewritten | null {
    const isWhole = event.type === 'response.output_text.done' && typeof event.text === 'string'
    const rest = isWhole ? this.#texts.end(keyOf(event)) : ''
    const before = rest === '' ? '' : this.#toDelta(event, rest)
    const edits = this.#findTexts(event)
      .filter(({ text, replaced }) => text !== replaced)
      .map(({ path, replaced }): JsonEdit => ({ kind: 'set', path, json: JSON.stringify(replaced) }))
    if (this.#added > 0 && typeof event.sequence_number === 'number')
      edits.push({ kind: 'set', path: ['sequence_number'], json: String(event.sequence_number + this.#added) })
    return before === '' && edits.length === 0 ? null : { before, edits }
  }

  /** The texts of an event, each with what stands for it now. */
  #findTexts(event: Fields): TextChange[] {
    switch (event.type) {
      case 'response.output_text.delta':
        if (typeof event.delta !== 'string') return []
        return [{ path: ['delta'], text: event.delta, replaced: this.#texts.push(keyOf(event), event.delta) }]
      case 'response.output_text.done':
        return typeof event.text === 'string' ? [this.#toWhole(['text'], event.text)] : []
      case 'response.content_part.done':
        if (event.part?.type !== 'output_text' || typeof event.part.text !== 'string') return []
        return [this.#toWhole(['part', 'text'], event.part.text)]
      case 'response.output_item.done':
        return findAnswerTexts('responses', { output: [event.item] }).map(({ path, text }) =>
          this.#toWhole(['item', ...path.slice(2)], text),
        )
      default:
        if (typeof event.response !== 'object') return []
        return findAnswerTexts('responses', event.response).map(({ path, text }) =>
          this.#toWhole(['response', ...path], text),
        )
    }
  }

  #toWhole(path: TextChange['path'], text: string): TextChange {
    return { path, text, replaced: this.#texts.replace(text) }
  }

  /** Takes the number of the event it stands before. */
  #toDelta({ item_id, output_index, content_index, sequence_number }: Fields, delta: string): string {
    const type = 'response.output_text.delta'
    const number = typeof sequence_number === 'number' ? { sequence_number: sequence_number + this.#added } : {}
    if (typeof sequence_number === 'number') this.#added++
    return toEvent({ type, item_id, output_index, content_index, delta, logprobs: [], ...number }, type)
  }

  /** A text that was never said to be over is none for this dialect's readers. */
  end(): string {
    return ''
  }
}
