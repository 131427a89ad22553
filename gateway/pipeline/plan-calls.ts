/** Steps 6 and 7 for one request: the calls that may be made for it, each with its intent before it is made. */
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Health } from '../providers/health.ts'
import type { Decision, Deployment } from '../providers/resolve-model.ts'
import type { Target } from '../providers/targets.ts'
import type { Generation } from './generation.ts'
import { forkGeneration, prepareCall, type PrepareParts, type PreparedCall } from './prepare-call.ts'
import type { Recorder, RecordResult } from './record.ts'

export interface Call extends PreparedCall {
  /** `null` = there is no other deployment to choose. */
  health: Health | null
}

/** The calls of one request, in the order in which they are tried. */
export interface Calls {
  /** The first one, or why there is none. */
  readonly first: Call | Refusal
  /** That of another deployment, where one is left. */
  next(): Call | null
}

const noOther = (): null => null

/** How much of a body says what conversation it is of, where no client names it. */
const openingBytes = 1024

export function planCalls(parts: PrepareParts, generation: Generation, decision: Decision<Target>): Calls {
  const { alias } = decision
  if (alias === undefined) {
    const prepared = prepareCall(parts, generation, decision)
    return { first: 'code' in prepared ? prepared : { ...prepared, health: null }, next: noOther }
  }
  const left = alias.order(generation.facts, toAffinity(generation))
  const prepare = (deployment: Deployment<Target>): Call | Refusal => {
    const prepared = prepareCall(parts, forkGeneration(generation), { ...deployment, alias })
    return 'code' in prepared ? prepared : { ...prepared, health: deployment.health }
  }
  /** The first that can be asked at all: one may speak a wire in which this request cannot be said. */
  const take = (): Call | Refusal | null => {
    let refusal: Refusal | null = null
    for (let deployment = left.shift(); deployment !== undefined; deployment = left.shift()) {
      const call = prepare(deployment)
      if (!('code' in call)) return call
      refusal ??= call
    }
    return refusal
  }
  return {
    // Whoever resolved the alias found a deployment that has this endpoint.
    first: take() ?? refuse('unknown_model', `${alias.name} has no deployment with this endpoint`, 'model'),
    next() {
      const call = take()
      return call === null || 'code' in call ? null : call
    },
  }
}

/** The intent goes into the journal before its call is made; a later call's takes the place of the one before. */
export function recordCall(recorder: Recorder, call: Call, body: Buffer): Promise<RecordResult> {
  const { exchange, known, request } = call
  return recorder.recordIntent(exchange.toIntent(known), body, request.body === body ? null : request.body)
}

/** The same for all requests whose prompts a provider may have in its cache together. */
function toAffinity({ exchange, known, view }: Generation): string {
  const { keyName } = exchange.principal
  return `${keyName}\n${known.sessionKey ?? view.toOpening(openingBytes)}`
}
