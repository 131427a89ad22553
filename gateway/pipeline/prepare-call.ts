/**
 * Step 6, once it is decided who is asked: the request as that provider takes it. With several deployments this is done
 * anew for each that is asked, because each may speak another wire.
 */
import type { Refusal } from '../dialects/refusals.ts'
import type { Decision } from '../providers/resolve-model.ts'
import type { Target } from '../providers/targets.ts'
import type { OutgoingRequest } from './dispatch.ts'
import type { Exchange } from './exchange.ts'
import type { Generation } from './generation.ts'
import { toOutgoing, type AnswerPlan, type Untranslatable } from './outgoing.ts'
import { withQuery } from './query.ts'
import type { Recorder } from './record.ts'
import { rewriteForModel } from './rewrite/rewrite.ts'

/** Lives as long as the answer takes, so it holds nothing of the parsed request: that may go at once. */
export interface PreparedCall {
  target: Target
  exchange: Exchange
  /** What is known of it now. */
  known: Generation['known']
  decided: Generation['decided']
  request: OutgoingRequest & { body: Buffer }
  plan: AnswerPlan | null
}

export interface PrepareParts {
  recorder: Pick<Recorder, 'on'>
  untranslatable: Untranslatable
}

/** A second way for the same request to go on: what is done to the one does not show in the other. */
export function forkGeneration(generation: Generation): Generation {
  const decided = { ...generation.decided }
  return {
    ...generation,
    view: generation.view.fork(),
    headers: [...generation.headers],
    decided,
    known: { ...generation.known, decision: decided },
    transforms: [...generation.transforms],
  }
}

export function prepareCall(
  parts: PrepareParts,
  generation: Generation,
  decision: Decision<Target>,
): PreparedCall | Refusal {
  const { exchange, facts, parsed, known, decided, view } = generation
  const { target, model, prefix, alias } = decision
  if (prefix !== null) view.edit([{ kind: 'cut', path: ['model'], prefix }])
  else if (alias !== undefined) view.edit([{ kind: 'set', path: ['model'], json: JSON.stringify(model) }])
  known.provider = target.name
  known.model = model || null
  rewriteForModel(generation, model)
  const ready = {
    view,
    json: parsed.json,
    headers: generation.headers,
    stream: parsed.stream,
    model,
    transforms: generation.transforms,
    countsUsage: parts.recorder.on,
  }
  const outgoing = toOutgoing(ready, facts.wire, target, parts.untranslatable)
  if ('code' in outgoing) return outgoing
  const { plan, headers, body } = outgoing
  known.target = target.base.origin + outgoing.path
  const same = outgoing.wire === facts.wire
  if (!same) decided.upstreamWire = outgoing.wire
  if (plan !== null && plan.dropped.length > 0) decided.dropped = [...plan.dropped]
  const path = withQuery(outgoing.path, exchange.request, same && target.kind.takesNoQuery !== true)
  return { target, exchange, known, decided, request: { method: 'POST', path, headers, body }, plan }
}
