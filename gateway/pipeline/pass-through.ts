/**
 * A call that is no generation, from its arrival to its answer: embeddings, files, batches, images, counted tokens, and
 * whatever stands behind `/providers/<name>/`. Nothing of it is changed but the model's prefix, and addresses in its
 * answer; it is recorded all the same. A body too large to be held is streamed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Intent } from '../../db/journal/records.ts'
import type { Wire } from '../../db/words/wire.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { withoutOwnMarks, type Unmarked } from '../dialects/own-marks.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Target } from '../providers/targets.ts'
import { admit, type Admitted } from './admit.ts'
import { dispatch, type OutgoingRequest } from './dispatch.ts'
import type { Exchange } from './exchange.ts'
import { answerFault, type ForwardParts } from './forward.ts'
import { withQuery } from './query.ts'
import { passRequestHeaders } from './headers.ts'
import { addProviderHeaders, type AnswerPlan } from './outgoing.ts'
import { findPlace, findProvider, type Place, type PlaceParts } from './pass-through-place.ts'
import { begunBytes } from './read-body.ts'
import { refuseExchange, refuseUnrecorded } from './refuse-exchange.ts'
import { createAddressChange } from './relay/answer-addresses.ts'
import { refuseTooLarge } from './undo-encoding.ts'
import { Upload } from './upload.ts'
import { watchForLateModel, watchForMarks, type UploadWatch } from './upload-watch.ts'

export type PassThroughParts = ForwardParts & PlaceParts

/** Where a call goes: by its model, or by its provider's name. */
export type Destination = { kind: 'endpoint'; path: string } | { kind: 'provider'; name: string; path: string }

export type PassThrough = (
  request: IncomingMessage,
  response: ServerResponse,
  facts: WireFacts,
  to: Destination,
) => void

export function createPassThrough(parts: PassThroughParts): PassThrough {
  return (request, response, facts, to) => {
    passThrough(parts, request, response, facts, to).catch((error: unknown) =>
      answerFault(parts, request, response, facts, error),
    )
  }
}

async function passThrough(
  parts: PassThroughParts,
  request: IncomingMessage,
  response: ServerResponse,
  facts: WireFacts,
  to: Destination,
): Promise<void> {
  const intake = to.kind === 'provider' ? parts.bounds.raw : parts.bounds.passThrough
  const admitted = await admit(parts, request, response, facts, intake)
  if (admitted === null) return
  const { exchange, body, goesOn, encoded } = admitted
  const headers: string[] = []
  const known: Partial<Intent> = { headers: [], ...(encoded !== null && { decision: { encoded } }) }
  passRequestHeaders(request, headers, known.headers as Intent['headers'], encoded !== null)

  const place = choosePlace(parts, request, exchange.facts, to, admitted)
  if ('code' in place) return refuseExchange(parts, exchange, place, known, toKept(body, goesOn))
  const { target, prepared, model, requestedModel } = place
  const unmarked = goesOn ? null : withoutMarks(to.path, place.sent ?? body, target, model)
  const sent = unmarked?.body ?? place.sent
  exchange.plan = planAnswer(model, target, request, to.kind === 'provider', unmarked)
  Object.assign(known, { requestedModel, model, provider: target.name, target: target.base.origin + prepared.path })
  const recorded = await parts.recorder.recordIntent(
    exchange.toIntent(known),
    toKept(body, goesOn),
    sent && toKept(sent, goesOn),
  )
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  exchange.recorded = recorded === 'recorded'

  const outgoing = {
    method: request.method as string,
    path: withQuery(prepared.path, request, true),
    headers: addProviderHeaders(headers, prepared.credentials, prepared.defaults),
    body: hasBody(request, body) ? (sent ?? body) : null,
  }
  await dispatch(
    parts,
    exchange,
    target,
    goesOn ? stream(outgoing, exchange, body, intake.maxBytes, watchUpload(parts, request, to, place)) : outgoing,
  )
}

function choosePlace(
  parts: PassThroughParts,
  request: IncomingMessage,
  facts: WireFacts,
  to: Destination,
  { body, goesOn }: Admitted,
): Place | Refusal {
  if (leavesItsPlace(to.path)) return refuse('invalid_request', 'the path must not hold . or .. as a part')
  const place =
    to.kind === 'provider'
      ? findProvider(parts.targets, to.name, to.path)
      : findPlace(parts, facts, to.path, request.headers, body)
  // What is signed as a whole must be held as a whole.
  return goesOn && !('code' in place) && place.target.sign !== null
    ? refuseTooLarge(parts.bounds.passThrough.heldBytes)
    : place
}

/** `begun`: what has been read of the caller's body; the body of `outgoing` takes its place. */
function stream(
  outgoing: OutgoingRequest,
  exchange: Exchange,
  begun: Buffer,
  maxBytes: number,
  watch: UploadWatch | null,
): OutgoingRequest {
  const { request } = exchange
  const start = outgoing.body as Buffer
  const upload = new Upload(request, begun, start, maxBytes, watch)
  exchange.upload = upload
  const announced = Number(request.headers['content-length'] ?? 0)
  const length = announced > 0 ? ['content-length', String(announced - begun.length + start.length)] : []
  return { ...outgoing, headers: [...outgoing.headers, ...length], body: upload, headersTimeout: uploadTimeoutMs }
}

/** The provider answers when it has the whole, and that takes as long as its sender takes. */
const uploadTimeoutMs = 3_600_000

/** What the record keeps of a body: of one that goes on, the beginning. */
function toKept(body: Buffer, goesOn: boolean): Buffer {
  return goesOn ? body.subarray(0, begunBytes) : body
}

function hasBody({ headers }: IncomingMessage, body: Buffer): boolean {
  return body.length > 0 || headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** A call that names a model computes something; any other may be answered with addresses of its provider's. */
function planAnswer(
  model: string | null,
  target: Target,
  request: IncomingMessage,
  raw: boolean,
  unmarked: Unmarked | null,
): AnswerPlan | null {
  const addresses = model === null ? createAddressChange(target, request, raw) : null
  if (addresses === null && unmarked === null) return null
  return {
    translation: null,
    transforms: addresses === null ? [] : [addresses],
    unframe: null,
    dropped: unmarked?.dropped ?? [],
    addresses,
  }
}

/** Paths whose bodies hold a conversation, or several. */
const conversations: ReadonlyArray<readonly [RegExp, Wire]> = [
  [/\/messages(?:\/count_tokens|\/batches)?$/, 'messages'],
  [/\/responses(?:\/input_tokens|\/compact)?$/, 'responses'],
  [/\/chat\/completions$/, 'chat'],
]

const wireOf = (path: string): Wire | undefined => conversations.find(([pattern]) => pattern.test(path))?.[1]

const signsThinking = (target: Target, model: string | null, wire: Wire): boolean =>
  target.writeOptions(model ?? '').accepts?.(wire).signsThinking === true

/** What Sinew itself wrote into earlier answers stays here, also where nothing else is read. */
function withoutMarks(path: string, body: Buffer, target: Target, model: string | null): Unmarked | null {
  const wire = wireOf(path)
  if (wire === undefined || body.length === 0) return null
  return withoutOwnMarks(body, wire, () => signsThinking(target, model, wire))
}

/** What cannot be changed in a body that is streamed must not be in it. */
function watchUpload(
  { targets }: PassThroughParts,
  { headers }: IncomingMessage,
  to: Destination,
  { target, requestedModel, model }: Place,
): UploadWatch | null {
  const wire = wireOf(to.path)
  if (wire !== undefined) return watchForMarks(wire, signsThinking(target, model, wire))
  const isForm = headers['content-type']?.startsWith('multipart/form-data') === true
  return isForm && to.kind === 'endpoint' && requestedModel === null
    ? watchForLateModel(targets.map(({ name }) => name))
    : null
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
