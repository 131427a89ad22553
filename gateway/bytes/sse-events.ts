/** A stream whose events are looked at one by one. */
import type { StreamTransform } from './answer-transform.ts'
import type { SseBlock } from './sse-block.ts'
import { SseSplitter } from './sse-splitter.ts'

const nothing: Buffer = Buffer.alloc(0)

/** `rewrite` gives the bytes that go out for an event: its own, others, or none. */
export function createEventTransform(rewrite: (block: SseBlock) => Buffer): StreamTransform {
  const splitter = new SseSplitter()
  let gone = false
  const next = (block: SseBlock): Buffer => {
    // It goes the way of its event.
    if (block.late) return gone ? nothing : block.bytes
    const bytes = rewrite(block)
    gone = bytes.length === 0
    return bytes
  }
  return {
    push(chunk) {
      const parts = splitter.push(chunk).map(next)
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    },
    // Clients take a last event without its blank line for one.
    end() {
      const last = splitter.end()
      return last === null ? nothing : next(last)
    },
  }
}
