/** Step 2: the caller's body as the bytes it came in, bounded. */
import type { IncomingMessage } from 'node:http'

export interface BodyBounds {
  /** Larger bodies are refused. */
  maxBytes: number
  /** Larger bodies are not held in memory: their beginning is read, the rest is streamed. */
  heldBytes: number
}

/** `begun`: the body goes on behind these bytes; the request is paused. */
export type BodyResult =
  | { body: Buffer }
  | { begun: Buffer; announcedBytes: number | null }
  | { fault: 'too_large' | 'left'; bytes: number }

const empty: Buffer = Buffer.alloc(0)
/** How much of a streamed body is looked at, and recorded. */
export const begunBytes = 1024 * 1024
/** How long a body that is held may take to come. */
const patienceMs = 300_000

/** Resolves once the body is whole, begun, too large, or its sender is gone or far too slow. Never rejects. */
export function readBody(request: IncomingMessage, { maxBytes, heldBytes }: BodyBounds): Promise<BodyResult> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) return Promise.resolve({ fault: 'too_large', bytes: announced })
  const mostHeld = announced > heldBytes ? begunBytes : Math.min(heldBytes, maxBytes)
  return new Promise((resolve) => {
    let first: Buffer | null = null
    let rest: Buffer[] | null = null
    let bytes = 0
    const timer = setTimeout(() => request.destroy(), patienceMs).unref()
    const join = (): Buffer => (rest ? Buffer.concat(rest, bytes) : (first ?? empty))
    const finish = (result: BodyResult): void => {
      clearTimeout(timer)
      first = rest = null
      request.off('data', take).off('end', end).off('error', leave).off('close', leave)
      resolve(result)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (first === null) first = chunk
      else if (rest === null) rest = [first, chunk]
      else rest.push(chunk)
      if (bytes <= mostHeld) return
      if (heldBytes >= maxBytes || bytes > maxBytes) return finish({ fault: 'too_large', bytes })
      request.pause()
      finish({ begun: join(), announcedBytes: announced > 0 ? announced : null })
    }
    const end = (): void => finish({ body: join() })
    const leave = (): void => finish({ fault: 'left', bytes })
    request.on('data', take).on('end', end).on('error', leave).on('close', leave)
  })
}
