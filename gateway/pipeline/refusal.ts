/** Writes an answer of Sinew's own, in the caller's dialect. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { factsOf, type Refusal } from '../dialects/refusals.ts'

/** How much of an unread body is taken off the wire after the answer, so that its sender comes to read the answer. */
const maxLingeringBytes = 64 * 1024 * 1024
/** An unread body up to this length is taken off the wire by Node. */
const maxDrainedBytes = 32 * 1024 * 1024
const lingeringMs = 5_000

export function toRefusalBody(facts: WireFacts, refusal: Refusal, exchangeId: string | null): Buffer {
  return Buffer.from(facts.toErrorBody(refusal, exchangeId))
}

export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  body: Buffer,
  exchangeId: string | null,
): void {
  if (response.headersSent || response.destroyed) return
  const { status, retryAfterSeconds } = factsOf(refusal.code)
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)]
  if (exchangeId !== null) headers.push('x-sinew-exchange', exchangeId)
  if (retryAfterSeconds !== undefined) headers.push('retry-after', String(retryAfterSeconds))
  if (isBounded(request)) {
    // What is left of the body Node reads and drops, and the connection stays.
    response.writeHead(status, headers)
    response.end(body)
    return
  }
  // Closed at once, the connection would be reset while the caller still sends, and the answer lost with it.
  headers.push('connection', 'close')
  response.writeHead(status, headers)
  response.write(body)
  let bytes = 0
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingeringMs)
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxLingeringBytes) end()
  })
  request.on('end', end)
  request.on('close', end)
  request.resume()
}

function isBounded(request: IncomingMessage): boolean {
  return (
    request.complete ||
    (request.headers['transfer-encoding'] === undefined &&
      Number(request.headers['content-length'] ?? 0) <= maxDrainedBytes)
  )
}
