/** What the finders of names share. */
import { asArray, asObject, asText, type JsonObject } from '../../workflows/domain/json/json.ts'
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'

export interface NamePlace {
  path: JsonPath
  name: string
}

/** The place of a text member, as a list of one or none. */
export function placeOf(parent: unknown, path: JsonPath, member = 'name'): NamePlace[] {
  const name = asText(asObject(parent)?.[member])
  return name === null ? [] : [{ path: [...path, member], name }]
}

/** What `find` finds in each object of the list `parent[member]`. */
export function inEach(
  parent: JsonObject | null,
  path: JsonPath,
  member: string,
  find: (entry: JsonObject, path: JsonPath) => NamePlace[],
): NamePlace[] {
  return asArray(parent?.[member]).flatMap((entry, index) => {
    const object = asObject(entry)
    return object === null ? [] : find(object, [...path, member, index])
  })
}
