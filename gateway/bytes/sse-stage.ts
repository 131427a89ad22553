/** A stage that looks at each event by itself. */
import type { Stage } from './answer-transform.ts'
import type { Block } from './block.ts'
import type { SseBlock } from './sse-block.ts'
import { SseSplitter } from './sse-splitter.ts'

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
  return stages.reduce((running, stage) => running.flatMap((block) => stage.push(block)), blocks)
}

/** The same for the last events of a stream, with what the stages have kept back. */
export function endStages(stages: readonly Stage[], blocks: SseBlock[]): SseBlock[] {
  return stages.reduce((running, stage) => [...running.flatMap((block) => stage.push(block)), ...stage.end()], blocks)
}

/** A stream that is there as a whole. */
export function runStream(stages: readonly Stage[], bytes: Buffer): Buffer {
  const splitter = new SseSplitter()
  const blocks = splitter.push(bytes)
  const last = splitter.end()
  return joinBytes(endStages(stages, last === null ? blocks : [...blocks, last]))
}

export function joinBytes(blocks: readonly Block[]): Buffer {
  return blocks.length === 1 ? (blocks[0] as Block).bytes : Buffer.concat(blocks.map(({ bytes }) => bytes))
}
