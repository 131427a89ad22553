/**
 * Steps 1 and 2: who it is, whether there is room, and the body as bytes. What both parents of exchanges begin with.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EncodedBody } from '../../db/words/exchange.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { refuse } from '../dialects/refusals.ts'
import type { Load } from '../state/load.ts'
import type { Authenticate } from './authenticate.ts'
import { Exchange } from './exchange.ts'
import { readBody, type BodyBounds } from './read-body.ts'
import { empty, recordLeft, refuseExchange, refuseUnrecorded, type RefusalParts } from './refuse-exchange.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'
import { refuseTooLarge, undoEncoding } from './undo-encoding.ts'

export interface AdmitParts extends RefusalParts {
  authenticate: Authenticate
  load: Load
}

/** How a caller's body is taken in. */
export interface Intake extends BodyBounds {
  /** One that comes compressed is made plain. */
  decodes: boolean
}

export interface Admitted {
  exchange: Exchange
  /** Its beginning where it goes on. */
  body: Buffer
  goesOn: boolean
  /** How it came, where it came compressed and is plain now. */
  encoded: EncodedBody | null
}

/** `null` = it has been answered, and recorded as far as an exchange came about. */
export async function admit(
  parts: AdmitParts,
  request: IncomingMessage,
  response: ServerResponse,
  facts: WireFacts,
  intake: Intake,
): Promise<Admitted | null> {
  const { recorder, load, counters } = parts
  const principal = parts.authenticate(request.headers)
  if (principal === null) {
    counters.add('failedAuthentications')
    const refusal = refuse(
      'invalid_key',
      'the key is missing or not known to this gateway; send Authorization: Bearer <key> or x-api-key: <key>',
    )
    sendRefusal(request, response, refusal, toRefusalBody(facts, refusal, null), null)
    return null
  }
  const exchange = new Exchange(request, response, facts, principal, load)
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
  const read = await readBody(request, intake)
  if ('fault' in read) {
    exchange.requestBytes = read.bytes
    if (read.fault === 'left') await recordLeft(parts, exchange)
    else await refuseExchange(parts, exchange, refuseTooLarge(intake.maxBytes), {}, empty)
    return null
  }
  if ('begun' in read) {
    exchange.requestBytes = read.announcedBytes ?? read.begun.length
    exchange.hold(read.begun.length)
    return { exchange, body: read.begun, goesOn: true, encoded: null }
  }
  const encoding = intake.decodes ? request.headers['content-encoding'] : undefined
  const plain = undoEncoding(read.body, encoding, intake.maxBytes)
  if ('code' in plain) {
    exchange.requestBytes = read.body.length
    await refuseExchange(parts, exchange, plain, {}, empty)
    return null
  }
  exchange.requestBytes = plain.body.length
  exchange.hold(plain.body.length)
  return { exchange, body: plain.body, goesOn: false, encoded: plain.encoded }
}
