/** Steps 8 and 9: the call itself, signed where its provider wants that, and the relay that takes its answer. */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Target } from '../providers/targets.ts'
import type { Exchange } from './exchange.ts'
import type { Recorder } from './record.ts'
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

interface DispatchParts extends RelayOptions {
  recorder: Recorder
}

export async function dispatch(
  parts: DispatchParts,
  exchange: Exchange,
  target: Target,
  request: OutgoingRequest,
): Promise<void> {
  const { request: incoming, response } = exchange
  const upstream = new UndiciSource(
    (source) =>
      new Relay(exchange, parts.recorder, source, (onDrain) => new ResponseOutlet(incoming, response, onDrain), parts),
  )
  if (exchange.left) return exchange.onLeave?.()
  if (target.sign !== null) {
    // A signature covers the host, which the connection would write by itself otherwise.
    const { method, path, headers, body } = request
    headers.push(...(await target.sign({ method, url: new URL(path, target.base), headers, body: toBytes(body) })))
    // The caller may have gone meanwhile; the relay has recorded that then.
    if (exchange.left) return
  }
  target.pool.dispatch(request as Dispatcher.DispatchOptions, upstream)
}

/** A body that is signed is held: who calls this has seen to that. */
function toBytes(body: OutgoingRequest['body']): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}
