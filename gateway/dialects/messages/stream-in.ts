import type { StreamEvent, StreamReader } from '../adapter.ts'
import { truncatedError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { child, number, objects, objectText, text } from '../members.ts'
import type { AnswerEvent, OpenPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { readAnthropicUsage } from '../usage.ts'
import { toStop } from './answer.ts'
import { hasIndirectCaller, readCitation, readThinkingBlock } from './content-in.ts'

interface Block {
  readonly part: number
  readonly what: OpenPart
  readonly path: string
  /** The arguments in the block's start. */
  readonly input: string
  hasWords: boolean
  citations: number
}

export function createMessagesStreamReader(report: TranslationReport): StreamReader {
  return new MessagesStreamReader(report)
}

/**
 * A stream may carry several messages, one after the other: an upstream that starts again, or one that runs tools
 * between them. They read as one answer, so it ends when the upstream closes, not at the first `message_stop`.
 */
class MessagesStreamReader implements StreamReader {
  private readonly report: TranslationReport
  /** The blocks that are open, by the index that the upstream gives them. */
  private readonly open = new Map<number, Block>()
  private parts = 0
  private blocks = 0
  private usage: JsonObject = {}
  private called = false
  private reason: { readonly stop: string; readonly sequence?: string } | undefined
  private started = false
  private inMessage = false
  private over = false

  constructor(report: TranslationReport) {
    this.report = report
  }

  read(event: StreamEvent): AnswerEvent[] {
    return this.over ? [] : [...this.event(event)]
  }

  end(): AnswerEvent[] {
    if (this.over) return []
    this.over = true
    const { reason } = this
    // Some servers close without `message_stop`; a stop reason says that the message is whole.
    if (!this.started || (this.inMessage && reason === undefined)) return [{ kind: 'error', error: truncatedError }]
    const stop = toStop(reason?.stop, reason?.sequence, this.called)
    return [...this.closeAll(), { kind: 'stop', stop }, { kind: 'end' }]
  }

  private *event({ body, name }: StreamEvent): Generator<AnswerEvent> {
    const index = number(body, 'index') ?? 0
    switch (text(body, 'type') ?? name) {
      case 'message_start':
        yield* this.messageStart(child(body, 'message'))
        break
      case 'content_block_start':
        yield* this.blockStart(child(body, 'content_block') ?? {}, index)
        break
      case 'content_block_delta':
        yield* this.blockDelta(child(body, 'delta'), index)
        break
      case 'content_block_stop':
        yield* this.blockStop(index)
        break
      case 'message_delta':
        this.stopReason(child(body, 'delta'))
        yield* this.addUsage(child(body, 'usage'))
        break
      case 'message_stop':
        yield* this.closeAll()
        this.inMessage = false
        break
    }
  }

  private *messageStart(message: JsonObject | undefined): Generator<AnswerEvent> {
    yield* this.closeAll()
    this.inMessage = true
    this.reason = undefined
    this.usage = {}
    if (this.started) yield* this.addUsage(child(message, 'usage'))
    else yield this.start(message)
    for (const [block, index] of objects(message, 'content')) {
      yield* this.blockStart(block, index)
      yield* this.blockStop(index)
    }
    this.stopReason(message)
  }

  private start(message: JsonObject | undefined): AnswerEvent {
    this.started = true
    this.usage = child(message, 'usage') ?? {}
    const tier = text(this.usage, 'service_tier')
    const counts = readAnthropicUsage(child(message, 'usage'))
    return {
      kind: 'start',
      id: text(message, 'id') ?? '',
      model: text(message, 'model') ?? '',
      ...(counts === undefined ? {} : { usage: counts }),
      ...(tier === undefined ? {} : { serviceTier: tier === 'standard' ? 'default' : tier }),
    }
  }

  private *addUsage(usage: JsonObject | undefined): Generator<AnswerEvent> {
    if (usage === undefined) return
    this.usage = { ...this.usage, ...Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)) }
    const counts = readAnthropicUsage(this.usage)
    if (counts !== undefined) yield { kind: 'usage', usage: counts }
  }

  private stopReason(holder: JsonObject | undefined): void {
    const stop = text(holder, 'stop_reason')
    const sequence = text(holder, 'stop_sequence')
    if (stop !== undefined) this.reason = { stop, ...(sequence === undefined ? {} : { sequence }) }
  }

  private *blockStart(block: JsonObject, index: number): Generator<AnswerEvent> {
    if (!this.started) yield* this.messageStart(undefined)
    yield* this.blockStop(index)
    const path = `content[${this.blocks++}]`
    const what = toOpenPart(block, path)
    if (what === undefined) {
      this.report.drop(path)
      return
    }
    if (what.kind === 'tool-call') {
      this.called = true
      if (hasIndirectCaller(block)) this.report.hint(`${path}.caller`)
    }
    const input = objectText(block, 'input') ?? '{}'
    const opened: Block = { part: this.parts++, what, path, input, hasWords: false, citations: 0 }
    this.open.set(index, opened)
    yield { kind: 'open', part: opened.part, what }
    yield* this.firstWords(block, opened)
  }

  /** Some upstreams put the first words, or all of them, into the block's start. */
  private *firstWords(block: JsonObject, opened: Block): Generator<AnswerEvent> {
    const reasoning = opened.what.kind === 'reasoning'
    yield* this.words(opened, text(block, reasoning ? 'thinking' : 'text') ?? '')
    const opaque = readThinkingBlock(block, opened.path).opaque
    if (reasoning && opaque !== undefined) yield { kind: 'opaque', part: opened.part, opaque }
    for (const [citation] of objects(block, 'citations')) yield* this.citation(opened, citation)
  }

  private *words(block: Block, delta: string): Generator<AnswerEvent> {
    if (delta === '') return
    block.hasWords = true
    yield { kind: 'delta', part: block.part, text: delta }
  }

  private *citation(block: Block, written: JsonObject): Generator<AnswerEvent> {
    const path = `${block.path}.citations[${block.citations++}]`
    const citation = readCitation(written, path)
    if (citation === undefined) this.report.drop(path)
    else yield { kind: 'citation', part: block.part, citation }
  }

  private *blockDelta(delta: JsonObject | undefined, index: number): Generator<AnswerEvent> {
    const block = this.open.get(index)
    if (block === undefined || delta === undefined) return
    const citation = child(delta, 'citation')
    const signature = text(delta, 'signature')
    if (delta.type === 'citations_delta' && citation !== undefined) yield* this.citation(block, citation)
    else if (delta.type === 'signature_delta' && signature !== undefined)
      yield { kind: 'opaque', part: block.part, opaque: fromOpaqueField(signature, 'anthropic', 'signature') }
    else yield* this.words(block, text(delta, 'text') ?? text(delta, 'thinking') ?? text(delta, 'partial_json') ?? '')
  }

  private *blockStop(index: number): Generator<AnswerEvent> {
    const block = this.open.get(index)
    if (block === undefined) return
    this.open.delete(index)
    // The arguments may stand in the block's start only; a tool without any is an empty object, never an empty text.
    if (block.what.kind === 'tool-call' && !block.hasWords) yield { kind: 'delta', part: block.part, text: block.input }
    yield { kind: 'close', part: block.part }
  }

  private *closeAll(): Generator<AnswerEvent> {
    for (const [index, block] of this.open) {
      this.open.delete(index)
      yield { kind: 'close', part: block.part }
    }
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
