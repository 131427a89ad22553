/**
 * A call that is no generation, from its arrival to its answer: embeddings, files, batches, images, counted tokens, and
 * whatever stands behind `/providers/<name>/`. Nothing of it is changed but the model's prefix; it is recorded all the
 * same.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Intent } from '../../db/journal/records.ts'
import type { Wire } from '../../db/words/wire.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { withoutOwnMarks, type Unmarked } from '../dialects/own-marks.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Prepared, Target } from '../providers/targets.ts'
import { admit } from './admit.ts'
import { dispatch } from './dispatch.ts'
import { answerFault, withQuery, type ForwardParts } from './forward.ts'
import { passRequestHeaders } from './headers.ts'
import { editJson } from '../bytes/json-edit.ts'
import { cutFormModel, readFormModel } from './form-model.ts'
import { addProviderHeaders } from './outgoing.ts'
import { refuseExchange, refuseUnrecorded } from './refuse-exchange.ts'

export interface PassThroughParts extends ForwardParts {
  /** In the configuration's order. */
  targets: Target[]
}

/** Where a call goes: by its model, or by its provider's name. */
export type Destination = { kind: 'endpoint'; path: string } | { kind: 'provider'; name: string; path: string }

export type PassThrough = (
  request: IncomingMessage,
  response: ServerResponse,
  rules: WireFacts,
  to: Destination,
) => void

export function createPassThrough(parts: PassThroughParts): PassThrough {
  return (request, response, rules, to) => {
    passThrough(parts, request, response, rules, to).catch((error: unknown) =>
      answerFault(parts, request, response, rules, error),
    )
  }
}

async function passThrough(
  parts: PassThroughParts,
  request: IncomingMessage,
  response: ServerResponse,
  rules: WireFacts,
  to: Destination,
): Promise<void> {
  const admitted = await admit(parts, request, response, rules)
  if (admitted === null) return
  const { exchange, body } = admitted
  const headers: string[] = []
  const recordedHeaders: Intent['headers'] = []
  passRequestHeaders(request, headers, recordedHeaders)
  const known: Partial<Intent> = { headers: recordedHeaders }

  if (leavesItsPlace(to.path))
    return refuseExchange(
      parts,
      exchange,
      refuse('invalid_request', 'the path must not hold . or .. as a part'),
      known,
      body,
    )
  const place =
    to.kind === 'provider'
      ? findProvider(parts.targets, to.name, to.path)
      : decide(parts, exchange.rules, to.path, request, body)
  if ('code' in place) return refuseExchange(parts, exchange, place, known, body)
  const { target, prepared } = place
  const unmarked = withoutMarks(to.path, place.sent ?? body, target, place.model)
  const sent = unmarked?.body ?? place.sent
  if (unmarked !== null) exchange.plan = { translation: null, transforms: [], unframe: null, dropped: unmarked.dropped }
  known.requestedModel = place.requestedModel
  known.model = place.model
  known.provider = target.name
  known.target = target.base.origin + prepared.path
  const recorded = await parts.recorder.recordIntent(exchange.toIntent(known), body, sent)
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  exchange.recorded = recorded === 'recorded'

  const hasBody =
    body.length > 0 ||
    request.headers['content-length'] !== undefined ||
    request.headers['transfer-encoding'] !== undefined
  const path = withQuery(prepared.path, request, true)
  await dispatch(parts, exchange, target, {
    method: request.method as string,
    path,
    headers: addProviderHeaders(headers, prepared.credentials, prepared.defaults),
    body: hasBody ? (sent ?? body) : null,
  })
}

/** Paths whose bodies hold a conversation, or several. */
const conversations: ReadonlyArray<readonly [RegExp, Wire]> = [
  [/\/messages(?:\/count_tokens|\/batches)?$/, 'messages'],
  [/\/responses(?:\/input_tokens|\/compact)?$/, 'responses'],
  [/\/chat\/completions$/, 'chat'],
]

/** What Sinew itself wrote into earlier answers stays here, also where nothing else is read. */
function withoutMarks(path: string, body: Buffer, target: Target, model: string | null): Unmarked | null {
  const wire = conversations.find(([pattern]) => pattern.test(path))?.[1]
  if (wire === undefined || body.length === 0) return null
  return withoutOwnMarks(body, wire, () => target.writeOptions(model ?? '').accepts?.(wire).signsThinking === true)
}

/**
 * With such parts a caller would reach, with the provider's key, what stands beside the configured address. Servers
 * differ in what they decode before they look.
 */
function leavesItsPlace(path: string): boolean {
  return path
    .replaceAll(/%2e/gi, '.')
    .split(/[/\\]|%2f|%5c/i)
    .some((part) => part === '..' || part === '.')
}

interface Place {
  target: Target
  prepared: Prepared
  requestedModel: string | null
  model: string | null
  /** `null` = as it came. */
  sent: Buffer | null
}

function findProvider(targets: Target[], name: string, path: string): Place | Refusal {
  const target = targets.find((candidate) => candidate.name === name)
  if (target === undefined)
    return refuse(
      'unknown_provider',
      `there is no provider ${JSON.stringify(name.slice(0, 100))}; there are: ${listNames(targets)}`,
    )
  return { target, prepared: target.prepareRaw(path), requestedModel: null, model: null, sent: null }
}

function decide(
  parts: PassThroughParts,
  rules: WireFacts,
  path: string,
  request: IncomingMessage,
  body: Buffer,
): Place | Refusal {
  const named = request.headers['x-sinew-provider']
  const model = readModel(request.headers['content-type'], body)
  if (model !== null && named === undefined) {
    const decision = parts.resolveModel(model.value, rules)
    if ('code' in decision) {
      const only = decision.code === 'unknown_model' ? findOnly(parts.targets, rules, path) : null
      const prepared = only?.prepareOther(path, model.value)
      return only && prepared
        ? { target: only, prepared, requestedModel: model.value, model: model.value, sent: null }
        : decision
    }
    const prepared = decision.target.prepareOther(path, decision.model)
    if (prepared === null) return refuseEndpoint(decision.target, path)
    const sent = decision.prefix === null ? null : model.cut(decision.prefix)
    return { target: decision.target, prepared, requestedModel: model.value, model: decision.model, sent }
  }
  const target = parts.targets.find((candidate) =>
    named === undefined
      ? candidate.dialect === rules.dialect && candidate.prepareOther(path) !== null
      : candidate.name === named,
  )
  if (target === undefined) {
    return refuse(
      'unknown_provider',
      named === undefined
        ? `no provider speaks the ${rules.dialect} dialect here`
        : `x-sinew-provider: there is no provider of that name; there are: ${listNames(parts.targets)}`,
    )
  }
  const prepared = target.prepareOther(path, model?.value)
  return prepared === null
    ? refuseEndpoint(target, path)
    : { target, prepared, requestedModel: model?.value ?? null, model: model?.value ?? null, sent: null }
}

/** The only provider of the caller's family; it may have the model, and says best if it has not. */
function findOnly(targets: Target[], rules: WireFacts, path: string): Target | null {
  const related = targets.filter((target) => target.dialect === rules.dialect && target.prepareOther(path) !== null)
  return related.length > 0 && related.every(({ name }) => name === related[0]?.name) ? (related[0] as Target) : null
}

function refuseEndpoint(target: Target, path: string): Refusal {
  return refuse('unknown_endpoint', `the provider ${target.name} has no /v1${path.slice(0, 100)}`)
}

function listNames(targets: Target[]): string {
  return [...new Set(targets.map(({ name }) => name))].join(', ')
}

/** The model that a body names, and how a prefix is cut out of it; `null` = it names none that can be read. */
function readModel(
  contentType: string | undefined,
  body: Buffer,
): { value: string; cut(prefix: string): Buffer | null } | null {
  if (body.length === 0) return null
  if (contentType?.startsWith('multipart/form-data') === true) {
    const found = readFormModel(body)
    return found && { value: found.value, cut: (prefix) => cutFormModel(body, found, prefix) }
  }
  if (contentType?.includes('json') !== true) return null
  try {
    const { model } = JSON.parse(body.toString('utf8')) as { model?: unknown }
    if (typeof model !== 'string' || model === '') return null
    return { value: model, cut: (prefix) => editJson(body, [{ kind: 'cut', path: ['model'], prefix }]) }
  } catch {
    // What is wrong with it its provider says best.
    return null
  }
}
