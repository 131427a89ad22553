/**
 * What a provider is sent in place of the caller's body where it speaks another wire format, and how its answer is to
 * be read then. Where both speak the same, nothing here is called: bytes pass untouched.
 */
import type { ProviderWire, Wire } from '../../db/words/wire.ts'
import { UntranslatableError } from '../dialects/report.ts'
import type { OriginalName } from '../dialects/fit/tool-names.ts'
import { translateRequest } from '../dialects/translate.ts'
import { createOriginalNames } from '../namespaces/original-names.ts'
import { withoutOwnMarks } from '../dialects/own-marks.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Target } from '../providers/targets.ts'
import type { AnswerTransform, StreamTransform } from '../bytes/answer-transform.ts'
import type { AddressChange } from './relay/answer-addresses.ts'
import type { JsonView } from '../bytes/json-view.ts'
import { neverPassed } from './headers.ts'
import { askForUsage } from './relay/usage-chunk.ts'

/** How an answer is changed on its way. */
export interface AnswerPlan {
  translation: Translation | null
  /** In the caller's wire, in this order, behind the translation. */
  transforms: AnswerTransform[]
  /** Makes SSE of a stream that is framed otherwise, by its content type; `null` = it is SSE. */
  unframe: ((contentType: string) => StreamTransform | null) | null
  /** The provider's errors are of no wire: they are put into the caller's, which this is. */
  errorWire?: Wire | undefined
  /** For `x-sinew-dropped`: what the request lost. */
  dropped: readonly string[]
  /** Leads the provider's own addresses back here; among `transforms` too. */
  addresses?: AddressChange | null
}

export interface Translation {
  from: ProviderWire
  to: Wire
  /** As the caller asked. */
  stream: boolean
  /** Chat: whether the caller asked for the usage chunk. */
  includeUsage: boolean
}

/** The wire that a provider is spoken to in: the caller's own where it knows it. */
export function chooseWire(wires: readonly ProviderWire[], caller: Wire): ProviderWire {
  return wires.includes(caller) ? caller : (wires[0] as ProviderWire)
}

export type Untranslatable = 'refuse' | 'drop'

/** A generation in the caller's wire, rewritten and decided. */
export interface Ready {
  view: JsonView
  /** The caller's body as it was parsed. */
  json: Record<string, unknown>
  /** Name and value, flat. */
  headers: string[]
  stream: boolean
  /** As the provider names it. */
  model: string
  transforms: AnswerTransform[]
  /** The record wants the usage, whether or not the caller does. */
  countsUsage: boolean
}

export interface Outgoing {
  wire: ProviderWire
  path: string
  headers: string[]
  /** The very buffer of `Ready` where nothing changed. */
  body: Buffer
  /** `null` = the answer's bytes pass untouched. */
  plan: AnswerPlan | null
}

type Called = Pick<Target, 'kind' | 'wiresOf' | 'prepare' | 'toBody' | 'writeOptions' | 'asking'>

export function toOutgoing(
  ready: Ready,
  caller: Wire,
  target: Called,
  untranslatable: Untranslatable,
): Outgoing | Refusal {
  const { model, stream } = ready
  const wire = chooseWire(target.wiresOf(model), caller)
  const call = { wire, model, stream }
  const { path, credentials, defaults } = target.prepare(call)
  const cutter = countUsage(ready, caller, wire, target)
  const written = writeBody(ready, caller, wire, target, untranslatable)
  if ('code' in written) return written
  const leftOut: string[] = []
  const body = target.toBody(
    written.body,
    call,
    (name) => readHeader(ready.headers, name),
    (place) => leftOut.push(place),
  )
  const plan = planAnswer({
    translation: wire === caller ? null : { from: wire, to: caller, stream, includeUsage: asksForUsage(ready.json) },
    transforms: [
      ...(cutter === null ? [] : [cutter]),
      ...(written.names === null ? [] : [createOriginalNames(caller, written.names)]),
      ...ready.transforms,
    ],
    unframe: stream ? (target.kind.unframe ?? null) : null,
    dropped: leftOut.length === 0 ? written.dropped : [...written.dropped, ...leftOut],
    errorWire: wire === caller && target.kind.foreignErrors?.includes(wire) ? caller : undefined,
  })
  const headers = chooseHeaders(ready.headers, wire === caller, plan)
  return { wire, path, headers: addProviderHeaders(headers, credentials, defaults), body, plan }
}

/** Asks for the usage of a stream that would not state it; the answer to that is cut out again. */
function countUsage(ready: Ready, caller: Wire, wire: ProviderWire, { asking }: Called): AnswerTransform | null {
  if (!ready.countsUsage || wire !== caller || wire !== 'chat' || !asking.asks) return null
  return askForUsage(ready.view, ready.json, asking)
}

/** `null` = nothing of the answer changes. */
function planAnswer(plan: AnswerPlan): AnswerPlan | null {
  const { translation, transforms, unframe, dropped, errorWire } = plan
  const changes = translation !== null || transforms.length > 0 || unframe !== null || errorWire !== undefined
  return changes || dropped.length > 0 ? plan : null
}

function chooseHeaders(headers: string[], same: boolean, plan: AnswerPlan | null): string[] {
  if (!same) return toForeignHeaders(headers)
  return plan === null || isDispensable(plan) ? headers : askUncompressed(headers)
}

interface WrittenBody {
  body: Buffer
  dropped: readonly string[]
  /** The upstream's names of tools → the caller's; `null` = they are the same. */
  names: ReadonlyMap<string, OriginalName> | null
}

/** The body in the provider's wire; in the caller's own, without what Sinew itself wrote into an earlier answer. */
function writeBody(
  { view, model }: Ready,
  from: Wire,
  to: ProviderWire,
  target: Called,
  untranslatable: Untranslatable,
): WrittenBody | Refusal {
  const body = view.toBytes()
  if (from === to) {
    const signsThinking = (): boolean => target.writeOptions(model).accepts?.(to).signsThinking === true
    return { ...(withoutOwnMarks(body, from, signsThinking) ?? { body, dropped: [] }), names: null }
  }
  try {
    const options = { untranslatable, write: target.writeOptions(model) }
    const translated = translateRequest(body.toString('utf8'), { from, to }, options)
    const { named, names } = translated
    return { body: Buffer.from(translated.body), dropped: named, names: names.size === 0 ? null : names }
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error
    const refusal = refuse('untranslatable', error.message, error.fields[0] ?? null)
    return error.details === undefined ? refusal : { ...refusal, details: error.details }
  }
}

/** Whether an answer may pass as it is where it cannot be changed on the way. */
export function isDispensable({ translation, transforms, unframe }: AnswerPlan): boolean {
  return translation === null && unframe === null && transforms.every(({ dispensable }) => dispensable)
}

/** Whether a chat caller wants the usage chunk. */
function asksForUsage(body: Record<string, unknown>): boolean {
  return (body.stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true
}

function readHeader(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name)
  return at < 0 ? undefined : headers[at + 1]
}

/**
 * The provider's own words (flat) take the place of the caller's under the same names; defaults stand in where there
 * are none.
 */
export function addProviderHeaders(
  headers: string[],
  credentials: readonly string[],
  defaults: readonly string[],
): string[] {
  const replaced = namesBeyond(credentials)
  const all = replaced === null ? headers : without(headers, (name) => replaced.has(name))
  all.push(...credentials)
  if (defaults.length === 0) return all
  const present = namesOf(all)
  for (let index = 0; index < defaults.length; index += 2) {
    const name = defaults[index] as string
    if (!present.has(name.toLowerCase())) all.push(name, defaults[index + 1] as string)
  }
  return all
}

const known = new WeakMap<readonly string[], Set<string> | null>()

/**
 * Names that no caller's headers are free of already; `null` = there is none. Worked out once for each provider's list.
 */
function namesBeyond(credentials: readonly string[]): Set<string> | null {
  const found = known.get(credentials)
  if (found !== undefined) return found
  const names = new Set([...namesOf(credentials)].filter((name) => !neverPassed.has(name)))
  const result = names.size === 0 ? null : names
  known.set(credentials, result)
  return result
}

function namesOf(headers: readonly string[]): Set<string> {
  return new Set(headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
}

function without(headers: readonly string[], drops: (lowerName: string) => boolean): string[] {
  return headers.filter((_, index) => !drops((headers[index - (index % 2)] as string).toLowerCase()))
}

/**
 * Words between a caller and a maker of the caller's dialect, which another maker would take for its own or not at all.
 */
const ownWords = /^(?:anthropic|openai|x-stainless)-|^x-(?:app|claude|codex)-/
const rewritten = new Set(['accept', 'accept-encoding', 'content-type'])

/**
 * The caller's headers (flat) for a provider of another wire; its answer is to come uncompressed, because it is read
 * here.
 */
function toForeignHeaders(headers: string[]): string[] {
  return [
    ...without(headers, (name) => ownWords.test(name) || rewritten.has(name)),
    'content-type',
    'application/json',
    'accept-encoding',
    'identity',
  ]
}

/** The caller's headers (flat) where its answer is read and changed on the way. */
function askUncompressed(headers: string[]): string[] {
  return [...without(headers, (name) => name === 'accept-encoding'), 'accept-encoding', 'identity']
}
