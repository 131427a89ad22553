/** Server-sent events as the WHATWG standard has them (HTML, 9.2.6): what an event is, and how one is written. */
export interface SseEvent {
  /** The event's type; `message` when the stream names none. */
  readonly event: string
  readonly data: string
  /** The last id that the stream has set; absent where only this event was looked at and sets none. */
  readonly id?: string
  /** Milliseconds, when this event's block set them. */
  readonly retry?: number
}

/** An unbounded event is unbounded memory. The largest real ones carry a generated picture as base64. */
export const maxEventBytes = 32 * 1024 * 1024

export class SseLimitError extends Error {
  override readonly name = 'SseLimitError'

  constructor(limit: number) {
    super(`an event that is longer than ${limit} bytes, the most that can be read`)
  }
}

/** One event as text. JSON has no raw line breaks, but an error text may: every line gets its own `data:`. */
export function writeSse(data: string, event?: string): string {
  const lines = data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')
  return `${event === undefined ? '' : `event: ${event}\n`}${lines}\n`
}

/** A comment: every parser that follows the standard skips it. */
export function writeSseComment(comment: string): string {
  return `: ${comment.replaceAll(/[\r\n]/g, ' ')}\n\n`
}
