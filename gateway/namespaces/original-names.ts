/** Puts the caller's names, and the namespaces that they belong to, back into the answer to a translated request. */
import type { Wire } from '../../db/words/wire.ts'
import type { AnswerTransform } from '../bytes/answer-transform.ts'
import type { JsonEdit } from '../bytes/json-edit.ts'
import type { OriginalName } from '../dialects/fit/tool-names.ts'
import { asObject, type JsonObject } from '../../workflows/domain/json/json.ts'
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import { nameFinders } from './plan.ts'
import { createNameTransform } from './restore.ts'

const calls: ReadonlySet<unknown> = new Set(['function_call', 'custom_tool_call'])

/** `names`: the upstream's name → the caller's. */
export function createOriginalNames(wire: Wire, names: ReadonlyMap<string, OriginalName>): AnswerTransform {
  const finder = nameFinders[wire]
  return createNameTransform(
    (bytes) => bytes.includes('"name"'),
    (body) =>
      finder.inAnswer(body).flatMap(({ path, name }): JsonEdit[] => {
        const original = names.get(name)
        if (original === undefined) return []
        const holder = path.slice(0, -1)
        const edit: JsonEdit = { kind: 'replace', path, text: original.name }
        return original.namespace === undefined || !calls.has(find(body, holder)?.type)
          ? [edit]
          : [edit, { kind: 'addMember', path: holder, name: 'namespace', json: JSON.stringify(original.namespace) }]
      }),
  )
}

function find(body: JsonObject, path: JsonPath): JsonObject | null {
  let place: unknown = body
  for (const step of path) place = (place as Record<string | number, unknown> | null)?.[step]
  return asObject(place)
}
