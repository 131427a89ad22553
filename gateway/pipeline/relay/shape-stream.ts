/**
 * A streamed answer that changes on its way: unframed where it is no SSE, split once, translated where the caller
 * speaks another wire, then through the transforms, event by event as it comes.
 */
import type { Usage } from '../../../db/words/exchange.ts'
import type { Wire } from '../../../db/words/wire.ts'
import type { Stage, StreamTransform } from '../../bytes/answer-transform.ts'
import type { Block } from '../../bytes/block.ts'
import { SseBlock } from '../../bytes/sse-block.ts'
import type { Terminal } from '../../bytes/sse-scanner.ts'
import { SseSplitter } from '../../bytes/sse-splitter.ts'
import { endStages, runStages } from '../../bytes/sse-stage.ts'
import { maxEventBytes, SseLimitError } from '../../bytes/sse.ts'
import { unreadableError } from '../../dialects/errors.ts'
import type { WireError } from '../../dialects/model.ts'
import { EventTranslator } from '../../dialects/translate-stream.ts'
import { toRecordedUsage } from '../../dialects/usage.ts'
import type { AnswerPlan, Translation } from '../outgoing.ts'
import { StreamFailures } from './stream-failures.ts'

const eventStream = 'text/event-stream; charset=utf-8'

/** A stream on its way. */
export interface ShapedStream {
  readonly kind: 'stream'
  /** `null` = the upstream's own. */
  readonly contentType: string | null
  push(chunk: Buffer): Block[]
  /** The upstream's body has ended: what is left; `truncated` says whether it ended too early. */
  end(): Block[]
  /** The upstream broke off: how the stream ends for the caller; `null` = as any that was not changed. */
  fail(error: WireError): Block[] | null
  readonly truncated: boolean
  /** The answer states that it failed. */
  readonly failed: boolean
  /** As the upstream stated it so far; `null` = it did not; absent = the caller's bytes say it. */
  readonly usage: Usage | null | undefined
  readonly dropped: readonly string[]
}

/** `wire`: the caller's; `terminal`: what completes its streams. */
export function shapeStream(
  { translation, transforms }: AnswerPlan,
  before: StreamTransform | null,
  wire: Wire | null,
  terminal: Terminal | null,
): ShapedStream {
  const stages = transforms.map((transform) => transform.stream())
  const contentType = translation === null && before === null ? null : eventStream
  return translation === null
    ? new RewrittenStream(stages, contentType, before, wire, terminal)
    : new TranslatedStream(stages, before, translation)
}

/** The bytes as server-sent events. */
function unframe(before: StreamTransform | null, chunk: Buffer): Buffer {
  return before === null ? chunk : before.push(chunk)
}

/** A stream in the caller's wire: every event keeps its bytes but where a transform changes them. */
class RewrittenStream implements ShapedStream {
  readonly kind = 'stream'
  readonly contentType: string | null
  readonly truncated = false
  readonly dropped: readonly string[] = []
  private readonly stages: (Stage & { usage?: Usage | null })[]
  private readonly before: StreamTransform | null
  private readonly splitter: SseSplitter
  private readonly failures: StreamFailures

  constructor(
    stages: Stage[],
    contentType: string | null,
    before: StreamTransform | null,
    wire: Wire | null,
    terminal: Terminal | null,
  ) {
    this.stages = stages
    this.contentType = contentType
    this.before = before
    this.splitter = new SseSplitter({ terminal })
    this.failures = new StreamFailures(wire)
  }

  push(chunk: Buffer): Block[] {
    return runStages(this.stages, this.split(unframe(this.before, chunk)))
  }

  end(): Block[] {
    const blocks = this.before === null ? [] : this.split(this.before.end())
    // Clients take a last event without its blank line for one.
    const last = this.splitter.end()
    if (last !== null) this.failures.look(last)
    return endStages(this.stages, last === null ? blocks : [...blocks, last])
  }

  /** What is held back is the beginning of an event, and that is none. */
  fail(): null {
    return null
  }

  get failed(): boolean {
    return this.failures.failed
  }

  /** A transform that takes the usage out of the caller's sight keeps it for the record. */
  get usage(): Usage | undefined {
    return this.stages.find((stage) => stage.usage)?.usage ?? undefined
  }

  private split(bytes: Buffer): SseBlock[] {
    const blocks = this.splitter.push(bytes)
    for (const block of blocks) this.failures.look(block)
    return blocks
  }
}

/** A stream in another wire: its events become the caller's. */
class TranslatedStream implements ShapedStream {
  readonly kind = 'stream'
  readonly contentType = eventStream
  truncated = false
  private readonly stages: Stage[]
  private readonly before: StreamTransform | null
  private readonly translator: EventTranslator
  private readonly splitter = new SseSplitter()
  /** Splits what was translated, where a transform has to see single events. */
  private readonly written = new SseSplitter()

  constructor(stages: Stage[], before: StreamTransform | null, { from, to, includeUsage }: Translation) {
    this.stages = stages
    this.before = before
    this.translator = new EventTranslator({ from, to }, { includeUsage })
  }

  push(chunk: Buffer): Block[] {
    return runStages(this.stages, this.translate(this.splitter.push(unframe(this.before, chunk))))
  }

  end(): Block[] {
    return this.finish(() => this.translator.end())
  }

  fail(error: WireError): Block[] {
    return this.finish(() => this.translator.fail(error))
  }

  get failed(): boolean {
    return this.translator.failed
  }

  get usage(): Usage | null {
    return toRecordedUsage(this.translator.usage)
  }

  get dropped(): readonly string[] {
    return this.translator.dropped
  }

  private finish(end: () => string): Block[] {
    const unframed = this.before === null ? [] : this.splitter.push(this.before.end())
    const last = this.splitter.end()
    const blocks = this.translate(last === null ? unframed : [...unframed, last])
    const failedBefore = this.translator.failed
    const ending = this.toBlocks(end())
    this.truncated = this.translator.failed && !failedBefore
    return endStages(this.stages, [...blocks, ...ending])
  }

  private translate(blocks: SseBlock[]): SseBlock[] {
    let text = ''
    for (const block of blocks) {
      if (block.unread) text += this.translator.fail(unreadableError(new SseLimitError(maxEventBytes).message))
      else if (block.event !== null) text += this.translator.read(block.event)
    }
    return this.toBlocks(text)
  }

  private toBlocks(text: string): SseBlock[] {
    if (text === '') return []
    const bytes = Buffer.from(text)
    const terminal = this.translator.completed
    if (this.stages.length === 0) return [new SseBlock(bytes, { terminal })]
    const blocks = this.written.push(bytes)
    const last = blocks.pop()
    return last === undefined ? blocks : [...blocks, terminal ? new SseBlock(last.bytes, { terminal }) : last]
  }
}
