import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import { isObject, rawText, type JsonObject } from '../json.ts'
import { child, number, objects, text } from '../members.ts'
import type { AnswerEvent, OpenPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { readAnthropicUsage } from '../usage.ts'
import { toStop } from './answer.ts'
import { readCitation, readThinkingBlock } from './content-in.ts'

interface Block {
  readonly part: number
  readonly what: OpenPart
  readonly path: string
  readonly input: string
  said: boolean
  citations: number
}

/**
 * A stream may carry several messages, one after the other: an upstream that starts again, or one that runs tools
 * between them. They read as one answer, so the end is told when the upstream closes, not at the first `message_stop`.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createMessagesStreamReader(report: TranslationReport): StreamReader {
  const open = new Map<number, Block>()
  let parts = 0
  let blocks = 0
  let started = false
  let usage: JsonObject = {}
  let called = false
  let reason: { readonly stop: string; readonly sequence?: string } | undefined
  let inMessage = false
  let over = false

  function* usageOf(stated: JsonObject | undefined): Generator<AnswerEvent> {
    if (stated === undefined) return
    usage = { ...usage, ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== null)) }
    const counts = readAnthropicUsage(usage)
    if (counts !== undefined) yield { kind: 'usage', usage: counts }
  }

  function* messageStart(message: JsonObject | undefined): Generator<AnswerEvent> {
    yield* closeAll()
    inMessage = true
    reason = undefined
    usage = {}
    if (!started) {
      started = true
      const stated = child(message, 'usage')
      const tier = text(stated, 'service_tier')
      const counts = readAnthropicUsage(stated)
      usage = stated ?? {}
      yield {
        kind: 'start',
        id: text(message, 'id') ?? '',
        model: text(message, 'model') ?? '',
        ...(counts === undefined ? {} : { usage: counts }),
        ...(tier === undefined ? {} : { serviceTier: tier === 'standard' ? 'default' : tier }),
      }
    } else yield* usageOf(child(message, 'usage'))
    for (const [block, index] of objects(message, 'content')) {
      yield* blockStart(block, index)
      yield* blockStop(index)
    }
    stopReason(message)
  }

  function stopReason(holder: JsonObject | undefined): void {
    const stated = text(holder, 'stop_reason')
    const sequence = text(holder, 'stop_sequence')
    if (stated !== undefined) reason = { stop: stated, ...(sequence === undefined ? {} : { sequence }) }
  }

  function* blockStart(block: JsonObject, index: number): Generator<AnswerEvent> {
    if (!started) yield* messageStart(undefined)
    yield* blockStop(index)
    const path = `content[${blocks++}]`
    const what = toOpenPart(block, path)
    if (what === undefined) {
      report.drop(path)
      return
    }
    if (what.kind === 'tool-call') called = true
    if (block.type === 'tool_use' && child(block, 'caller') !== undefined && child(block, 'caller')?.type !== 'direct')
      report.hint(`${path}.caller`)
    const state: Block = {
      part: parts++,
      what,
      path,
      input: isObject(block.input) ? rawText(block.input) : '{}',
      said: false,
      citations: 0,
    }
    open.set(index, state)
    yield { kind: 'open', part: state.part, what }
    // Some upstreams put the first words, or all of them, into the block's start.
    yield* said(state, text(block, what.kind === 'reasoning' ? 'thinking' : 'text') ?? '')
    const opaque = readThinkingBlock(block, path).opaque
    if (what.kind === 'reasoning' && opaque !== undefined) yield { kind: 'opaque', part: state.part, opaque }
    for (const [citation] of objects(block, 'citations')) yield* cited(state, citation)
  }

  function* said(block: Block, delta: string): Generator<AnswerEvent> {
    if (delta === '') return
    block.said = true
    yield { kind: 'delta', part: block.part, text: delta }
  }

  function* cited(block: Block, stated: JsonObject): Generator<AnswerEvent> {
    const path = `${block.path}.citations[${block.citations++}]`
    const citation = readCitation(stated, path)
    if (citation === undefined) report.drop(path)
    else yield { kind: 'citation', part: block.part, citation }
  }

  function* blockDelta(delta: JsonObject | undefined, index: number): Generator<AnswerEvent> {
    const block = open.get(index)
    if (block === undefined || delta === undefined) return
    const citation = child(delta, 'citation')
    const signature = text(delta, 'signature')
    if (delta.type === 'citations_delta' && citation !== undefined) yield* cited(block, citation)
    else if (delta.type === 'signature_delta' && signature !== undefined)
      yield { kind: 'opaque', part: block.part, opaque: fromOpaqueField(signature, 'anthropic', 'signature') }
    else yield* said(block, text(delta, 'text') ?? text(delta, 'thinking') ?? text(delta, 'partial_json') ?? '')
  }

  function* blockStop(index: number): Generator<AnswerEvent> {
    const block = open.get(index)
    if (block === undefined) return
    open.delete(index)
    // The arguments may stand in the block's start only; a tool without any is an empty object, never an empty text.
    if (block.what.kind === 'tool-call' && !block.said) yield { kind: 'delta', part: block.part, text: block.input }
    yield { kind: 'close', part: block.part }
  }

  function* closeAll(): Generator<AnswerEvent> {
    for (const [index, block] of open) {
      open.delete(index)
      yield { kind: 'close', part: block.part }
    }
  }

  function* read({ body, name }: StreamEvent): Generator<AnswerEvent> {
    if (over) return
    const index = number(body, 'index') ?? 0
    switch (text(body, 'type') ?? name) {
      case 'message_start':
        yield* messageStart(child(body, 'message'))
        break
      case 'content_block_start':
        yield* blockStart(child(body, 'content_block') ?? {}, index)
        break
      case 'content_block_delta':
        yield* blockDelta(child(body, 'delta'), index)
        break
      case 'content_block_stop':
        yield* blockStop(index)
        break
      case 'message_delta':
        stopReason(child(body, 'delta'))
        yield* usageOf(child(body, 'usage'))
        break
      case 'message_stop':
        yield* closeAll()
        inMessage = false
        break
    }
  }

  return {
    read: (event) => [...read(event)],
    end: () => {
      if (over) return []
      over = true
      // Some servers close without `message_stop`; a stop reason says that the message is whole.
      if (!started || (inMessage && reason === undefined)) return [{ kind: 'error', error: truncatedError }]
      return [...closeAll(), { kind: 'stop', stop: toStop(reason?.stop, reason?.sequence, called) }, { kind: 'end' }]
    },
  }
}

function toOpenPart(block: JsonObject, path: string): OpenPart | undefined {
  switch (block.type) {
    case 'text':
      return { kind: 'text', path }
    case 'thinking':
    case 'redacted_thinking':
      return { kind: 'reasoning', path }
    case 'tool_use':
      return { kind: 'tool-call', id: text(block, 'id') ?? '', name: text(block, 'name') ?? '', path }
    default:
      return undefined
  }
}
