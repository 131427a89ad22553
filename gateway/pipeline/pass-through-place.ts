/** Step 6 for what is no generation: the provider that it goes to, and the path there. */
import type { IncomingHttpHeaders } from 'node:http'
import { editJson } from '../bytes/json-edit.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import type { Decision, ResolveModel } from '../providers/resolve-model.ts'
import type { Prepared, Target } from '../providers/targets.ts'
import { readModel, type NamedModel } from './body-model.ts'

export interface PlaceParts {
  resolveModel: ResolveModel<Target>
  /** In the configuration's order. */
  targets: Target[]
}

/** Where a call goes that is no generation, and what of its body is changed for that. */
export interface Place {
  target: Target
  prepared: Prepared
  requestedModel: string | null
  model: string | null
  /** `null` = as it came. */
  sent: Buffer | null
}

/** By the provider's name. */
export function findProvider(targets: Target[], name: string, path: string): Place | Refusal {
  const target = targets.find((candidate) => candidate.name === name)
  if (target === undefined)
    return refuse(
      'unknown_provider',
      `there is no provider ${JSON.stringify(name.slice(0, 100))}; there are: ${listNames(targets)}`,
    )
  return { target, prepared: target.prepareRaw(path), requestedModel: null, model: null, sent: null }
}

/** By the model that the body names, else by `x-sinew-provider`, else by whose client is calling. */
export function findPlace(
  parts: PlaceParts,
  facts: WireFacts,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Place | Refusal {
  const providerName = headers['x-sinew-provider']
  const model = readModel(headers['content-type'], body)
  if (model !== null && providerName === undefined) return findByModel(parts, facts, path, body, model)
  const target =
    providerName === undefined
      ? parts.targets.find((candidate) => candidate.dialect === facts.dialect && candidate.prepareOther(path) !== null)
      : parts.targets.find((candidate) => candidate.name === providerName)
  if (target === undefined)
    return refuse(
      'unknown_provider',
      providerName === undefined
        ? `no provider speaks the ${facts.dialect} dialect here`
        : `x-sinew-provider: there is no provider of that name; there are: ${listNames(parts.targets)}`,
    )
  return toPlace(target, path, model?.value ?? null)
}

function findByModel(
  parts: PlaceParts,
  facts: WireFacts,
  path: string,
  body: Buffer,
  model: NamedModel,
): Place | Refusal {
  const decision = parts.resolveModel(model.value, facts)
  if ('code' in decision) {
    const only = decision.code === 'unknown_model' ? findOnly(parts.targets, facts, path) : null
    const place = only === null ? decision : toPlace(only, path, model.value)
    return 'code' in place ? decision : place
  }
  const { target } = decision
  const prepared = target.prepareOther(path, decision.model)
  if (prepared === null) return refuseEndpoint(target, path)
  const sent = toSent(body, model, decision)
  if (sent !== null && 'code' in sent) return sent
  return { target, prepared, requestedModel: model.value, model: decision.model, sent }
}

/** The call as it came, at this provider. */
function toPlace(target: Target, path: string, model: string | null): Place | Refusal {
  const prepared = model === null ? target.prepareOther(path) : target.prepareOther(path, model)
  return prepared === null
    ? refuseEndpoint(target, path)
    : { target, prepared, requestedModel: model, model, sent: null }
}

/** The body with the model's name as its provider knows it; `null` = it goes as it came. */
function toSent(
  body: Buffer,
  model: NamedModel,
  { prefix, alias, model: name }: Decision<Target>,
): Buffer | Refusal | null {
  if (alias === undefined) return prefix === null ? null : model.cut(prefix)
  return (
    editJson(body, [{ kind: 'set', path: ['model'], json: JSON.stringify(name) }]) ??
    refuse(
      'unknown_model',
      `${alias.name} stands for other models, and this body cannot be rewritten; write provider/model`,
      'model',
    )
  )
}

/** The only provider of the caller's family; it may have the model, and says best if it has not. */
function findOnly(targets: Target[], facts: WireFacts, path: string): Target | null {
  const related = targets.filter((target) => target.dialect === facts.dialect && target.prepareOther(path) !== null)
  return related.length > 0 && related.every(({ name }) => name === related[0]?.name) ? (related[0] as Target) : null
}

function refuseEndpoint(target: Target, path: string): Refusal {
  return refuse('unknown_endpoint', `the provider ${target.name} has no /v1${path.slice(0, 100)}`)
}

function listNames(targets: Target[]): string {
  return [...new Set(targets.map(({ name }) => name))].join(', ')
}
