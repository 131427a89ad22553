/**
 * One generation from its arrival to its answer. This file alone holds the order and the branches; every step is a
 * leaf. The numbers are those of README's request path; 4 (guard) has nothing to do on the way yet.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RetriesConfig } from '../../db/words/alias.ts'
import type { Intent } from '../../db/journal/records.ts'
import type { ExchangeDecision } from '../../db/words/exchange.ts'
import { readPrompt } from '../../workflows/domain/exchanges/prompt.ts'
import { readClientIds } from '../../workflows/domain/exchanges/client-ids.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { refuse } from '../dialects/refusals.ts'
import { RetryBudget } from '../providers/retry-budget.ts'
import type { Snapshots } from '../state/snapshot.ts'
import { admit, type AdmitParts } from './admit.ts'
import type { Bounds } from './bounds.ts'
import { dispatchCalls, type FailoverParts } from './failover.ts'
import { passRequestHeaders } from './headers.ts'
import { identify } from './identify-pattern.ts'
import { JsonView } from '../bytes/json-view.ts'
import type { Generation, GenerationFacts } from './generation.ts'
import type { Untranslatable } from './outgoing.ts'
import { parseBody } from './parse.ts'
import { planCalls, recordCall } from './plan-calls.ts'
import { empty, refuseExchange, refuseUnrecorded } from './refuse-exchange.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'
import { rewrite, tryLearned, type RewriteParts } from './rewrite/rewrite.ts'

export interface ForwardParts extends AdmitParts, RewriteParts {
  snapshots: Pick<Snapshots, 'current'>
  untranslatable: Untranslatable
  /** How large bodies may be. */
  bounds: Bounds
  isDraining: () => boolean
  keepAliveMs?: number
  /** Absent = a request is sent once, and again only where its connection was closed under it. */
  retries?: RetriesConfig
}

const defaultRetries: RetriesConfig = { maxAttempts: 2, maxShare: 0.2 }

export type Forward<R extends WireFacts = GenerationFacts> = (
  request: IncomingMessage,
  response: ServerResponse,
  facts: R,
) => void

export function createForward(given: ForwardParts): Forward {
  const retries = given.retries ?? defaultRetries
  const parts = { ...given, retries, retryBudget: new RetryBudget(retries.maxShare) }
  return (request, response, facts) => {
    forward(parts, request, response, facts).catch((error: unknown) =>
      answerFault(parts, request, response, facts, error),
    )
  }
}

/** What the gateway itself did wrong is its own business; the caller learns only that it did. */
export function answerFault(
  { log }: Pick<ForwardParts, 'log'>,
  request: IncomingMessage,
  response: ServerResponse,
  facts: WireFacts,
  error: unknown,
): void {
  log.error({ err: error }, 'an exchange failed inside the gateway')
  const refusal = refuse('internal', 'the gateway failed')
  if (response.headersSent) response.destroy()
  else sendRefusal(request, response, refusal, toRefusalBody(facts, refusal, null), null)
}

// oxlint-disable-next-line max-lines-per-function -- the parent of the steps: it alone holds their order
async function forward(
  parts: ForwardParts & FailoverParts,
  request: IncomingMessage,
  response: ServerResponse,
  facts: GenerationFacts,
): Promise<void> {
  // 1 authenticate, 2 bound
  const admitted = await admit(parts, request, response, facts, parts.bounds.generation)
  if (admitted === null) return
  const { exchange, body, encoded } = admitted

  // 2 parse
  const parsed = parseBody(body, facts.wire)
  // What is malformed is not kept: nobody could say what it holds.
  if ('code' in parsed) return refuseExchange(parts, exchange, parsed, {}, empty)
  const headers: string[] = []
  const recordedHeaders: Intent['headers'] = []
  passRequestHeaders(request, headers, recordedHeaders, encoded !== null)
  const decided: ExchangeDecision = encoded === null ? {} : { encoded }
  const ids = readClientIds((name) => request.headers[name], facts.wire, parsed.json)
  const known: Partial<Intent> = {
    requestedModel: parsed.model || null,
    stream: parsed.stream,
    sessionKey: ids.session,
    endUser: ids.endUser,
    headers: recordedHeaders,
    decision: decided,
  }
  const generation: Generation = {
    exchange,
    facts,
    parsed,
    readPrompt: once(() => readPrompt(facts.wire, parsed.json)),
    view: new JsonView(body, parsed.json),
    headers,
    known,
    decided,
    transforms: [],
    model: parsed.model,
  }

  // 3 identify
  const snapshot = parts.snapshots.current
  const identified = tryLearned(parts, () =>
    identify(snapshot, exchange.principal.patternTeam, facts.wire, parsed.json, generation.readPrompt),
  )

  // 5 rewrite
  rewrite(parts, snapshot, generation, identified)

  // 6 decide
  const decision = parts.resolveModel(generation.model, facts)
  if ('code' in decision) return refuseExchange(parts, exchange, decision, known, body)
  const calls = planCalls(parts, generation, decision)
  const call = calls.first
  if ('code' in call) return refuseExchange(parts, exchange, call, known, body)

  // 7 record intent
  const recorded = await recordCall(parts.recorder, call, body)
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  exchange.recorded = recorded === 'recorded'

  // 8 forward, 9 record outcome
  await dispatchCalls(parts, call, calls, body)
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}
