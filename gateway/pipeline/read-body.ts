/** Step 2: the caller's body as the bytes it came in, bounded. */
import type { IncomingMessage } from 'node:http'

export const maxBodyBytes = 32 * 1024 * 1024

export type BodyResult = { body: Buffer } | { fault: 'too_large' | 'left'; bytes: number }

const empty: Buffer = Buffer.alloc(0)

/** Resolves once the body is whole, too large, or its sender is gone. Never rejects. */
export function readBody(request: IncomingMessage): Promise<BodyResult> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBodyBytes) return Promise.resolve({ fault: 'too_large', bytes: announced })
  return new Promise((resolve) => {
    let first: Buffer | null = null
    let rest: Buffer[] | null = null
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBodyBytes) {
        first = rest = null
        resolve({ fault: 'too_large', bytes })
      } else if (first === null) first = chunk
      else if (rest === null) rest = [first, chunk]
      else rest.push(chunk)
    })
    request.on('end', () => resolve({ body: rest ? Buffer.concat(rest, bytes) : (first ?? empty) }))
    // After `end` these change nothing: a promise is settled once.
    request.on('error', () => resolve({ fault: 'left', bytes }))
    request.on('close', () => resolve({ fault: 'left', bytes }))
  })
}
