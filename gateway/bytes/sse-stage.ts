/** A stage that looks at each event by itself. */
import type { Stage } from './answer-transform.ts'
import type { Block } from './block.ts'
import type { SseBlock } from './sse-block.ts'
import { SseSplitter } from './sse-splitter.ts'

const nothing: Buffer = Buffer.alloc(0)

/** `rewrite` gives the bytes that go out for an event: its own, others, or none. */
export function createEventStage(rewrite: (block: SseBlock) => Buffer): Stage {
  let gone = false
  return {
    push(block) {
      // It goes the way of its event.
      if (block.late) return gone ? [] : [block]
      const bytes = rewrite(block)
      gone = bytes.length === 0
      return gone ? [] : [block.withBytes(bytes)]
    },
    end: () => [],
  }
}

/** What the stages, one behind the other, make of these events. */
export function runStages(stages: readonly Stage[], blocks: SseBlock[]): SseBlock[] {
  let running = blocks
  for (const stage of stages) running = pushAll(stage, running)
  return running
}

/** The same for the last events of a stream, with what the stages have kept back. */
export function endStages(stages: readonly Stage[], blocks: SseBlock[]): SseBlock[] {
  return stages.reduce((running, stage) => [...pushAll(stage, running), ...stage.end()], blocks)
}

function pushAll(stage: Stage, blocks: readonly SseBlock[]): SseBlock[] {
  const pushed: SseBlock[] = []
  for (const block of blocks) pushed.push(...stage.push(block))
  return pushed
}

/** A stream that is there as a whole. */
export function runStream(stages: readonly Stage[], bytes: Buffer): Buffer {
  const splitter = new SseSplitter()
  const blocks = splitter.push(bytes)
  const last = splitter.end()
  return joinBytes(endStages(stages, last === null ? blocks : [...blocks, last]))
}

/** Blocks that came one behind the other in one chunk are that chunk's bytes again, without a copy. */
export function joinBytes(blocks: readonly Block[]): Buffer {
  const first = blocks[0]?.bytes
  if (first === undefined) return nothing
  let end = first.byteOffset + first.length
  for (let index = 1; index < blocks.length; index++) {
    const { bytes } = blocks[index] as Block
    if (bytes.buffer !== first.buffer || bytes.byteOffset !== end) return Buffer.concat(blocks.map((one) => one.bytes))
    end += bytes.length
  }
  return blocks.length === 1 ? first : Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset)
}
