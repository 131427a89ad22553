/** GET /v1/models: every name that a provider lists, in the shape of the caller's dialect. */
import type { Dialect } from '../../db/types.ts'
import type { Choice } from '../pipeline/resolve-model.ts'

/** Neither dialect lets it be left out, and nobody knows it. */
const created = 0

export function listModels(targets: Choice[], dialect: Dialect): object {
  const entries = nameModels(targets)
  if (dialect === 'openai') {
    return { object: 'list', data: entries.map(({ id, provider }) => ({ id, object: 'model', created, owned_by: provider })) }
  }
  const data = entries.map(({ id }) => ({ type: 'model', id, display_name: id, created_at: new Date(created).toISOString() }))
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** The bare name for the provider that gets it, `provider/model` for those behind it. Open endings name no model. */
function nameModels(targets: Choice[]): { id: string; provider: string }[] {
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
