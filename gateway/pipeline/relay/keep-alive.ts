/**
 * A model may think for minutes, and what stands between it and the caller takes a silent connection for a dead one. A
 * comment is no event: readers of server-sent events skip it by the standard (HTML, 9.2.6), so the caller's answer is
 * the same.
 */
import { writeSseComment } from '../../bytes/sse.ts'

export const silenceMs = 15_000

/** Anything with which a wait can be made; the clock counts milliseconds from anywhere. */
export interface Timers {
  now(): number
  set(callback: () => void, ms: number): unknown
  clear(timer: unknown): void
}

const systemTimers: Timers = {
  now: () => performance.now(),
  // It must not keep a process that has ended alive.
  set: (callback, ms) => setTimeout(callback, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

export interface KeepAlive {
  /** Every chunk on its way to the caller goes through here; gives the bytes to send. `endsEvent`: no event is open. */
  pass(chunk: Buffer, endsEvent: boolean): Buffer
  /** The stream is over: nothing more is sent. */
  stop(): void
}

export const keepAliveComment: Buffer = Buffer.from(writeSseComment('keep-alive'))
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)

/** `send` is called after each silence, unless an event is unfinished; it may decide that now is not the time. */
export function createKeepAlive(
  send: (comment: Buffer) => void,
  waitMs: number = silenceMs,
  timers: Timers = systemTimers,
): KeepAlive {
  let sentAt = timers.now()
  let betweenEvents = true
  let begun = false
  let commented = false

  const wake = (): void => {
    const leftMs = sentAt + waitMs - timers.now()
    if (leftMs <= 0 && betweenEvents) {
      commented = true
      send(keepAliveComment)
    }
    if (leftMs <= 0) sentAt = timers.now()
    timer = timers.set(wake, leftMs > 0 ? leftMs : waitMs)
  }
  let timer = timers.set(wake, waitMs)

  return {
    pass(chunk, endsEvent) {
      sentAt = timers.now()
      betweenEvents = endsEvent
      // A mark counts at the beginning of a stream only, and that is behind us.
      const bytes = commented && !begun && chunk.subarray(0, 3).equals(byteOrderMark) ? chunk.subarray(3) : chunk
      begun = true
      return bytes
    },
    stop: () => timers.clear(timer),
  }
}
