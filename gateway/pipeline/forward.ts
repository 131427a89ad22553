/**
 * One request from its arrival to its answer. This file alone holds the order and the branches; every step is a leaf.
 * The numbers are those of README's request path; 4 (guard) has nothing to do on the way yet.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../db/log.ts'
import type { Intent } from '../../db/journal/records.ts'
import type { DialectRules } from '../dialects/dialect.ts'
import { factsOf, refuse, type Refusal } from '../errors.ts'
import type { Target } from '../providers/targets.ts'
import type { Counters } from '../state/counters.ts'
import type { Load } from '../state/load.ts'
import type { Snapshots } from '../state/snapshot.ts'
import { wireOf } from '../../workflows/domain/wire.ts'
import type { Authenticate } from './authenticate.ts'
import { enhance } from './enhance.ts'
import { identify } from './identify.ts'
import { Exchange } from './exchange.ts'
import { passRequestHeaders } from './headers.ts'
import { editJson, type JsonEdit } from './json-edit.ts'
import { parseBody } from './parse.ts'
import { maxBodyBytes, readBody } from './read-body.ts'
import type { Recorder } from './record.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'
import type { ResolveModel } from './resolve-model.ts'
import { Relay } from './upstream.ts'

export interface ForwardParts {
  authenticate: Authenticate
  resolveModel: ResolveModel<Target>
  recorder: Recorder
  snapshots: Pick<Snapshots, 'current'>
  counters: Counters
  load: Load
  isDraining: () => boolean
  log: Pick<Log, 'error'>
}

export type Forward = (request: IncomingMessage, response: ServerResponse, rules: DialectRules) => void

const empty: Buffer = Buffer.alloc(0)

export function createForward(parts: ForwardParts): Forward {
  return (request, response, rules) => {
    forward(parts, request, response, rules).catch((error: unknown) => {
      parts.log.error({ err: error }, 'an exchange failed inside the gateway')
      const refusal = refuse('internal', 'the gateway failed')
      if (response.headersSent) response.destroy()
      else sendRefusal(request, response, refusal, toRefusalBody(rules, refusal, null), null)
    })
  }
}

async function forward(parts: ForwardParts, request: IncomingMessage, response: ServerResponse, rules: DialectRules): Promise<void> {
  const { recorder, load, counters } = parts

  // 1 authenticate
  const principal = parts.authenticate(request.headers)
  if (principal === null) {
    counters.add('failedAuthentications')
    const refusal = refuse('invalid_key', 'the key is missing or not known to this gateway; send Authorization: Bearer <key> or x-api-key: <key>')
    return sendRefusal(request, response, refusal, toRefusalBody(rules, refusal, null), null)
  }
  const exchange = new Exchange(request, response, rules, principal, load)
  if (recorder.refusing) return refuseUnrecorded(parts, exchange)
  if (load.overloaded) {
    counters.add('refusedOverloaded')
    return refuseExchange(parts, exchange, refuse('overloaded', 'the gateway has more to do than it can; try again'), {}, empty)
  }
  load.inFlight++
  response.on('close', () => {
    load.inFlight--
  })

  // 2 parse & bound
  const read = await readBody(request)
  if ('fault' in read) {
    exchange.requestBytes = read.bytes
    if (read.fault === 'left') return recordLeft(parts, exchange)
    return refuseExchange(parts, exchange, refuse('body_too_large', `the body is larger than ${maxBodyBytes} bytes`), {}, empty)
  }
  const { body } = read
  exchange.requestBytes = body.length
  exchange.hold(body.length)
  const parsed = parseBody(body)
  // What is not JSON is not kept: nobody could say what it holds.
  if ('code' in parsed) return refuseExchange(parts, exchange, parsed, {}, parsed.param === null ? empty : body)
  const upstreamHeaders: string[] = []
  const recordedHeaders: Intent['headers'] = []
  passRequestHeaders(request, upstreamHeaders, recordedHeaders)
  const known: Partial<Intent> = { requestedModel: parsed.model, stream: parsed.stream, endUser: rules.readEndUser(parsed.json), headers: recordedHeaders }

  // 3 identify
  const snapshot = parts.snapshots.current
  const identified = tryLearned(parts, () => identify(snapshot, principal.team, wireOf(rules.endpoint), parsed.json))

  // 5 rewrite
  const served = snapshot.served.get(principal.team)
  const enhanced = served === undefined ? null : tryLearned(parts, () => enhance(served, rules, parsed.json, identified))

  // 6 decide
  const decision = parts.resolveModel(parsed.model, rules.dialect)
  if ('code' in decision) return refuseExchange(parts, exchange, decision, known, body)
  const { target } = decision
  const prefixEdits: JsonEdit[] = decision.prefix === null ? [] : [{ kind: 'cut', path: ['model'], prefix: decision.prefix }]
  const enhancedBody = enhanced && editJson(body, [...prefixEdits, ...enhanced.edits])
  // `null` = the bytes go as they came.
  const sent = enhancedBody ?? (prefixEdits.length > 0 ? editJson(body, prefixEdits) : null)
  known.provider = target.name
  known.model = decision.model
  known.target = target.url
  known.enhancementId = enhancedBody ? (enhanced?.enhancementId ?? null) : null
  upstreamHeaders.push(...target.credentials)

  // 7 record intent
  const recorded = await recorder.recordIntent(exchange.toIntent(known), body, sent)
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  exchange.recorded = recorded === 'recorded'

  // 8 forward, 9 record outcome
  const relay = new Relay(exchange, recorder, parts.isDraining)
  if (exchange.left) return exchange.onLeave?.()
  target.pool.dispatch({ method: 'POST', path: target.path + queryOf(request), headers: upstreamHeaders, body: sent ?? body }, relay)
}

/** Learned code must not stand between a caller and its answer: where it fails, the prompt goes as it is. */
function tryLearned<T>(parts: ForwardParts, step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    parts.log.error({ err: error }, 'what was learned could not be applied')
    return null
  }
}

function queryOf(request: IncomingMessage): string {
  const url = request.url as string
  const question = url.indexOf('?')
  return question < 0 ? '' : url.slice(question)
}

/** Answers with Sinew's own error and records it: a refused exchange is one too. */
async function refuseExchange(parts: ForwardParts, exchange: Exchange, refusal: Refusal, known: Partial<Intent>, body: Buffer): Promise<void> {
  const answer = toRefusalBody(exchange.rules, refusal, exchange.id)
  const outcome = exchange.toOutcome('error', factsOf(refusal.code).status, refusal.code, { headers: [], responseBytes: answer.length, responseDigest: null })
  const recorded = await parts.recorder.recordRefused(exchange.toIntent(known), outcome, body, answer)
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  sendRefusal(exchange.request, exchange.response, refusal, answer, exchange.id)
}

async function recordLeft(parts: ForwardParts, exchange: Exchange): Promise<void> {
  const outcome = exchange.toOutcome('cancelled', null, null, { headers: [], responseBytes: 0, responseDigest: null })
  await parts.recorder.recordRefused(exchange.toIntent({}), outcome, empty, empty)
}

/** The journal takes nothing: there cannot be a record of this, only a count. */
function refuseUnrecorded(parts: ForwardParts, exchange: Exchange): void {
  parts.counters.add('refusedJournalFull')
  const refusal = refuse('journal_full', 'the gateway cannot record new exchanges: its disk is full; nothing that was answered is lost')
  sendRefusal(exchange.request, exchange.response, refusal, toRefusalBody(exchange.rules, refusal, exchange.id), exchange.id)
}
