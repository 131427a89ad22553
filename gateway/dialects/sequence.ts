import type { AnswerEvent, OpenPart } from './model.ts'
import { unreadableError } from './errors.ts'

/**
 * Puts a streamed answer's parts one after the other. Chat may interleave parallel calls, Anthropic's blocks may not,
 * and clients of all dialects rely on that. A call that is waiting behind another is held back until the other's
 * arguments are one whole JSON value (or until it is closed), so calls that do come one after the other are never
 * delayed.
 */
const heldMax = 4 * 1024 * 1024

export function createSequencer(): (event: AnswerEvent) => AnswerEvent[] {
  let open: { readonly part: number; readonly what: OpenPart; readonly json: JsonProgress } | undefined
  const waiting = new Map<number, AnswerEvent[]>()
  const finished = new Set<number>()
  let held = 0
  let failed = false

  function* pass(event: AnswerEvent): Generator<AnswerEvent> {
    if (event.kind === 'open') open = { part: event.part, what: event.what, json: new JsonProgress() }
    else if (event.kind === 'delta') open?.json.feed(event.text)
    else if (event.kind === 'close') {
      open = undefined
      finished.add(event.part)
    }
    yield event
  }

  /** Lets waiting parts through for as long as the one before them is over. */
  function* advance(): Generator<AnswerEvent> {
    for (;;) {
      if (open !== undefined && waiting.size > 0 && open.what.kind === 'tool-call' && open.json.complete)
        yield* pass({ kind: 'close', part: open.part })
      const next = open === undefined ? waiting.entries().next().value : undefined
      if (next === undefined) return
      waiting.delete(next[0])
      for (const event of next[1]) {
        if (event.kind === 'delta') held -= event.text.length
        yield* pass(event)
      }
    }
  }

  /** Nothing is left open, or waiting, when the answer ends. */
  function* closeAll(): Generator<AnswerEvent> {
    for (;;) {
      if (open !== undefined) yield* pass({ kind: 'close', part: open.part })
      if (waiting.size === 0) return
      yield* advance()
    }
  }

  function* sequence(event: AnswerEvent): Generator<AnswerEvent> {
    if (failed) return
    if (!('part' in event)) {
      if (event.kind === 'stop' || event.kind === 'end') yield* closeAll()
      yield event
      return
    }
    const { part } = event
    if (finished.has(part)) return
    const queue = waiting.get(part)
    if (queue !== undefined) {
      queue.push(event)
      if (event.kind === 'delta') held += event.text.length
    } else if (event.kind === 'open' && open !== undefined) waiting.set(part, [event])
    else if (event.kind === 'open' || open?.part === part) yield* pass(event)
    yield* advance()
    if (held > heldMax) {
      failed = true
      yield { kind: 'error', error: unreadableError('parallel calls that never end') }
    }
  }

  return (event) => [...sequence(event)]
}

/**
 * Whether a text that arrives in pieces is one whole JSON object or list yet, without parsing it again for each piece.
 */
export class JsonProgress {
  #depth = 0
  #inString = false
  #escaped = false
  complete = false

  feed(text: string): void {
    for (const character of text) {
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inString = false
      } else if (character === '"') this.#inString = true
      else if (character === '{' || character === '[') this.#depth += 1
      else if (character === '}' || character === ']') {
        this.#depth -= 1
        if (this.#depth === 0) this.complete = true
      }
    }
  }
}
