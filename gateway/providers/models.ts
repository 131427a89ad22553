/** GET /v1/models: every name that a provider lists, in the shape of the caller's dialect. */
import type { Family } from '../../db/words/wire.ts'
import type { Choice } from './resolve-model.ts'

/** Neither dialect lets it be left out, and nobody knows it. */
const created = 0

interface Entry {
  id: string
  provider: string
}

export function listModels(targets: Choice[], dialect: Family): object {
  const entries = nameModels(targets)
  const data = entries.map((entry) => describe(entry, dialect))
  if (dialect === 'openai') return { object: 'list', data }
  return { data, has_more: false, first_id: entries[0]?.id ?? null, last_id: entries.at(-1)?.id ?? null }
}

/** One of them by its name, with or without its provider; `null` = nobody lists it. */
export function findModel(targets: Choice[], dialect: Family, name: string): object | null {
  const found = targets.find((target) =>
    target.models.some((model) => !model.endsWith('*') && (model === name || `${target.name}/${model}` === name)),
  )
  return found === undefined ? null : describe({ id: name, provider: found.name }, dialect)
}

function describe({ id, provider }: Entry, dialect: Family): object {
  if (dialect === 'openai') return { id, object: 'model', created, owned_by: provider }
  return { type: 'model', id, display_name: id, created_at: new Date(created).toISOString() }
}

/** The bare name for the provider that gets it, `provider/model` for those behind it. Open endings name no model. */
function nameModels(targets: Choice[]): Entry[] {
  const owners = new Map<string, string>()
  for (const { name, models } of targets) {
    for (const model of models) {
      if (model.endsWith('*')) continue
      if (!owners.has(model)) owners.set(model, name)
      else if (owners.get(model) !== name) owners.set(`${name}/${model}`, name)
    }
  }
  return [...owners].map(([id, provider]) => ({ id, provider }))
}
