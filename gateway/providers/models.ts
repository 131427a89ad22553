/**
 * `GET /v1/models`: every name that a provider serves, in the shape of the caller's family. Where the configuration
 * leaves names open (`gpt-*`), the provider's own list fills them in.
 */
import type { AliasConfig } from '../../db/words/alias.ts'
import type { Family } from '../../db/words/wire.ts'
import { noLists, type ListedModel, type ModelLists } from './model-lists.ts'
import { matches, type Choice, type Decision, type ResolveModel } from './resolve-model.ts'

export interface Models {
  list(family: Family): object
  /** One by its name, with or without its provider; `null` = nobody has it. */
  find(family: Family, name: string): object | null
}

interface Entry extends ListedModel {
  provider: string
}

/** The operator's own names belong to nobody else. */
const aliasOwner = 'sinew'

/** No family lets it be left out, and where no provider says it nobody knows it. */
const unknownTime = 0

export function createModels<T extends Choice>(
  targets: readonly T[],
  resolveModel: ResolveModel<T>,
  lists: ModelLists = noLists,
  aliases: readonly Pick<AliasConfig, 'name'>[] = [],
): Models {
  const resolve = (name: string, family: Family): Decision<T> | null => {
    const decision = resolveModel(name, { dialect: family, wire: family === 'openai' ? 'chat' : 'messages' })
    return 'code' in decision ? null : decision
  }
  const collect = (family: Family): Entry[] => {
    const entries = new Map(aliases.map(({ name }): [string, Entry] => [name, { id: name, provider: aliasOwner }]))
    for (const target of targets) {
      for (const model of listOf(target, lists)) {
        // The bare name where that leads to this provider, else the one that surely does.
        const decision = resolve(model.id, family)
        const bare = decision?.target.name === target.name && decision.prefix === null
        const id = bare ? model.id : `${target.name}/${model.id}`
        if (!entries.has(id)) entries.set(id, { ...model, id, provider: target.name })
      }
    }
    return [...entries.values()]
  }
  const answers = new Map<Family, { version: number; answer: object }>()
  return {
    list(family) {
      const kept = answers.get(family)
      if (kept?.version === lists.version) return kept.answer
      const answer = toList(collect(family), family)
      answers.set(family, { version: lists.version, answer })
      return answer
    },

    find(family, name) {
      const decision = name === '' ? null : resolve(name, family)
      if (decision === null) return null
      if (decision.alias !== undefined) return describe({ id: name, provider: aliasOwner }, family)
      const { target, model } = decision
      const listed = lists.of(target.name)
      // A provider of which nothing is known may have it: only it can say.
      const open = target.models.length === 0 && listed === null && decision.prefix !== null
      if (!open && listed?.has(model) !== true && !target.models.some((pattern) => matches(pattern, model))) return null
      return describe({ ...listed?.get(model), id: name, provider: target.name }, family)
    },
  }
}

/** The names that are written out, and of its own list those that the configuration leaves open. */
function* listOf(target: Choice, lists: ModelLists): Iterable<ListedModel> {
  const own = lists.of(target.name)
  for (const model of target.models) if (!model.endsWith('*')) yield own?.get(model) ?? { id: model }
  for (const model of own?.values() ?? [])
    if (target.fromEnvironment === true || target.models.some((pattern) => matches(pattern, model.id))) yield model
}

function toList(entries: Entry[], family: Family): object {
  const data = entries.map((entry) => describe(entry, family))
  if (family === 'openai') return { object: 'list', data }
  return { data, has_more: false, first_id: entries[0]?.id ?? null, last_id: entries.at(-1)?.id ?? null }
}

function describe({ id, provider, created = unknownTime, displayName }: Entry, family: Family): object {
  if (family === 'openai') return { id, object: 'model', created, owned_by: provider }
  return { type: 'model', id, display_name: displayName ?? id, created_at: new Date(created * 1_000).toISOString() }
}
