/**
 * Steps 1 and 2: who it is, whether there is room, and the body as bytes. What both parents of exchanges begin with.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { refuse } from '../dialects/refusals.ts'
import type { Load } from '../state/load.ts'
import type { Authenticate } from './authenticate.ts'
import { Exchange } from './exchange.ts'
import { maxBodyBytes, readBody } from './read-body.ts'
import { empty, recordLeft, refuseExchange, refuseUnrecorded, type RefusalParts } from './refuse-exchange.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'

export interface AdmitParts extends RefusalParts {
  authenticate: Authenticate
  load: Load
}

export interface Admitted {
  exchange: Exchange
  body: Buffer
}

/** `null` = it has been answered, and recorded as far as an exchange came about. */
export async function admit(
  parts: AdmitParts,
  request: IncomingMessage,
  response: ServerResponse,
  rules: WireFacts,
): Promise<Admitted | null> {
  const { recorder, load, counters } = parts
  const principal = parts.authenticate(request.headers)
  if (principal === null) {
    counters.add('failedAuthentications')
    const refusal = refuse(
      'invalid_key',
      'the key is missing or not known to this gateway; send Authorization: Bearer <key> or x-api-key: <key>',
    )
    sendRefusal(request, response, refusal, toRefusalBody(rules, refusal, null), null)
    return null
  }
  const exchange = new Exchange(request, response, rules, principal, load)
  if (recorder.refusing) {
    refuseUnrecorded(parts, exchange)
    return null
  }
  if (load.overloaded) {
    counters.add('refusedOverloaded')
    await refuseExchange(
      parts,
      exchange,
      refuse('overloaded', 'the gateway has more to do than it can; try again'),
      {},
      empty,
    )
    return null
  }
  load.inFlight++
  response.on('close', () => {
    load.inFlight--
  })
  const read = await readBody(request)
  if ('fault' in read) {
    exchange.requestBytes = read.bytes
    if (read.fault === 'left') await recordLeft(parts, exchange)
    else
      await refuseExchange(
        parts,
        exchange,
        refuse('body_too_large', `the body is larger than ${maxBodyBytes} bytes`),
        {},
        empty,
      )
    return null
  }
  exchange.requestBytes = read.body.length
  exchange.hold(read.body.length)
  return { exchange, body: read.body }
}
