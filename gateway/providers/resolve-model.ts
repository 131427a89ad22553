/** Step 6, for now: the model's name → the provider that is called. */
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Family, ProviderWire, Wire } from '../../db/words/wire.ts'
import type { Health } from './health.ts'
import { noLists, type ModelLists } from './model-lists.ts'

/** What the choice needs to know of a provider. */
export interface Choice {
  name: string
  dialect: Family
  models: string[]
  /** A key in the environment brings it: what its vendor lists is its own. */
  fromEnvironment?: boolean
  /** It gets bare names of its family that nobody else has, so that its vendor's client may ask for anything. */
  takesAny?: boolean
  /** What the provider can be asked in, for this model. */
  wiresOf(model: string): readonly ProviderWire[]
}

/** The caller's side of the choice: no wire = a call that is no generation. */
export interface Caller {
  dialect: Family
  wire: Wire | null
}

export interface Decision<T extends Choice> {
  target: T
  /** As it is sent upstream. */
  model: string
  /** What is cut off the caller's value, or `null` when it goes as it is. */
  prefix: string | null
  /** The caller's value is a name of the operator's own: `model` takes its place. */
  alias?: Alias<T>
}

/** One way to get the model that an alias stands for. */
export interface Deployment<T extends Choice> extends Decision<T> {
  health: Health
}

export interface Alias<T extends Choice> {
  name: string
  /**
   * The deployments to be asked, one after the other. `affinity`: the same text for all that belongs together. Those
   * that rest are left out; where all do, the one comes whose rest ends first, so that there is always one.
   */
  order(caller: Caller, affinity: string | null): Deployment<T>[]
}

export type ResolveModel<T extends Choice> = (model: string, caller: Caller) => Decision<T> | Refusal

/** Names are the caller's text: only so many, and only short ones, are remembered. */
const rememberedNames = 1_000
const rememberedCharacters = 200

/** `targets` in order of preference; a provider that speaks both dialects stands in it twice. */
export function createResolveModel<T extends Choice>(targets: T[], lists: ModelLists = noLists): ResolveModel<T> {
  let version = lists.version
  const remembered = new Map<string, Map<string, Decision<T> | Refusal>>()
  const rememberedFor = ({ dialect, wire }: Caller): Map<string, Decision<T> | Refusal> => {
    const name = wire ?? dialect
    const found = remembered.get(name) ?? new Map<string, Decision<T> | Refusal>()
    remembered.set(name, found)
    return found
  }
  return (model, caller) => {
    if (version !== lists.version) {
      version = lists.version
      remembered.clear()
    }
    const names = rememberedFor(caller)
    const known = names.get(model)
    if (known) return known
    const result = resolve(targets, lists, model, caller)
    if (model.length <= rememberedCharacters) {
      if (names.size >= rememberedNames) names.clear()
      names.set(model, result)
    }
    return result
  }
}

function resolve<T extends Choice>(
  targets: T[],
  lists: ModelLists,
  model: string,
  caller: Caller,
): Decision<T> | Refusal {
  if (model === '') return resolveStored(targets, caller)
  const slash = model.indexOf('/')
  const prefix = slash > 0 ? model.slice(0, slash + 1) : null
  const candidates =
    findCandidates(targets, model, prefix?.slice(0, -1) ?? null) ?? findUnlisted(targets, lists, model, caller)
  if (candidates === null)
    return refuse('unknown_model', `no provider has the model ${quoteName(model)}; ${adviseOn(targets)}`, 'model')
  const target = choose(
    candidates.targets,
    candidates.cut && prefix !== null ? model.slice(prefix.length) : model,
    caller,
  )
  if (target === null) {
    const other = candidates.targets[0] as T
    return refuse(
      'unknown_endpoint',
      `${quoteName(model)} is served by ${other.name}, which has no such endpoint of the ${caller.dialect} dialect`,
      'model',
    )
  }
  if (!candidates.cut || prefix === null) return { target, model, prefix: null }
  const bare = model.slice(prefix.length)
  return bare === ''
    ? refuse('missing_model', `names the provider ${target.name} but no model`, 'model')
    : { target, model: bare, prefix }
}

/** A stored prompt names its model: it lies with the first provider that could have stored it. */
function resolveStored<T extends Choice>(targets: T[], { dialect, wire }: Caller): Decision<T> | Refusal {
  const target = targets.find(
    (candidate) => candidate.dialect === dialect && wire !== null && candidate.wiresOf('').includes(wire),
  )
  return target === undefined
    ? refuse('missing_model', 'is required: no provider here keeps prompts', 'model')
    : { target, model: '', prefix: null }
}

/**
 * Of several, one that speaks the caller's wire, whose bytes pass untouched; then one of its dialect; then the first.
 */
function choose<T extends Choice>(targets: T[], model: string, { dialect, wire }: Caller): T | null {
  const related = targets.find((target) => target.dialect === dialect)
  // Who is configured for one dialect may have an endpoint of the other too; its row knows which.
  if (wire === null) return related ?? targets.find((target) => speaks(target.wiresOf(model), dialect)) ?? null
  return targets.find((target) => target.wiresOf(model).includes(wire)) ?? related ?? targets[0] ?? null
}

function speaks(wires: readonly ProviderWire[], dialect: Family): boolean {
  return wires.some((wire) => (wire === 'messages') === (dialect === 'anthropic') && wire !== 'google')
}

/**
 * A name listed in full comes first, so that a name with a slash in it can be listed; then the prefix; then the endings
 * left open.
 */
function findCandidates<T extends Choice>(
  targets: T[],
  model: string,
  provider: string | null,
): { targets: T[]; cut: boolean } | null {
  if (provider !== null) {
    const listed = targets.filter((target) => target.models.includes(model))
    if (listed.length > 0) return { targets: listed, cut: false }
    const named = targets.filter((target) => target.name === provider)
    if (named.length > 0) return { targets: named, cut: true }
  }
  const matching = targets.filter((target) => target.models.some((pattern) => matches(pattern, model)))
  return matching.length > 0 ? { targets: matching, cut: false } : null
}

/** Names that the configuration does not have: those of a provider's own list, then whatever its vendor may have. */
function findUnlisted<T extends Choice>(
  targets: T[],
  lists: ModelLists,
  model: string,
  { dialect, wire }: Caller,
): { targets: T[]; cut: false } | null {
  const listing = targets.filter((target) => target.fromEnvironment && lists.of(target.name)?.has(model) === true)
  if (listing.length > 0) return { targets: listing, cut: false }
  const any = targets.filter(
    (target) =>
      target.takesAny && (target.dialect === dialect || (wire !== null && target.wiresOf(model).includes(wire))),
  )
  return any.length > 0 ? { targets: any, cut: false } : null
}

export function matches(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model
}

/** Where no provider names a model in full, the list of models is empty. */
function adviseOn(targets: Choice[]): string {
  if (targets.some(({ models }) => models.some((model) => !model.endsWith('*'))))
    return 'GET /v1/models lists what there is'
  return `write it as provider/model, with one of these providers: ${[...new Set(targets.map(({ name }) => name))].join(', ')}`
}

function quoteName(model: string): string {
  return JSON.stringify(model.length > 100 ? `${model.slice(0, 100)}…` : model)
}
