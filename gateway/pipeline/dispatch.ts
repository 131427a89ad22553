/** Steps 8 and 9: the call itself, signed where its provider wants that, and the relay that takes its answer. */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Target } from '../providers/targets.ts'
import type { Exchange } from './exchange.ts'
import type { Recorder } from './record.ts'
import type { Source } from './relay/ends.ts'
import { Relay, type RelayOptions } from './relay/relay.ts'
import { ResponseOutlet } from './relay/response-outlet.ts'
import { UndiciSource } from './relay/undici-source.ts'

export interface OutgoingRequest {
  method: string
  path: string
  /** Name and value, flat. */
  headers: string[]
  body: Buffer | Readable | null
  /** For requests that take longer than the provider's own limit. */
  headersTimeout?: number
}

export interface DispatchParts extends RelayOptions {
  recorder: Recorder
}

/** Makes the one call that this request has. */
export async function dispatch(
  parts: DispatchParts,
  exchange: Exchange,
  target: Target,
  request: OutgoingRequest,
): Promise<void> {
  await send(exchange, target, request, new UndiciSource((source) => openRelay(parts, exchange, source)))
}

export function openRelay(parts: DispatchParts, exchange: Exchange, source: Source): Relay {
  const { request, response } = exchange
  return new Relay(exchange, parts.recorder, source, (onDrain) => new ResponseOutlet(request, response, onDrain), parts)
}

/** Hands the request to the provider's connections; whatever comes of it comes to `upstream`. */
export async function send(
  exchange: Exchange,
  target: Target,
  request: OutgoingRequest,
  upstream: UndiciSource,
): Promise<void> {
  if (exchange.left) return exchange.onLeave?.()
  let sent = request
  if (target.sign !== null) {
    // A signature covers the host, which the connection would write by itself otherwise.
    const { method, path, headers, body } = request
    const signed = await target.sign({ method, url: new URL(path, target.base), headers, body: toBytes(body) })
    sent = { ...request, headers: [...headers, ...signed] }
    // The caller may have gone meanwhile; the relay has recorded that then.
    if (exchange.left) return
  }
  target.pool.dispatch(sent as Dispatcher.DispatchOptions, upstream)
}

/** A body that is signed is held: who calls this has seen to that. */
function toBytes(body: OutgoingRequest['body']): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}
