import { isObject, rawText, type JsonObject, type JsonValue } from './json.ts'

/** Reading members of bodies that others wrote: a member of the wrong type reads as absent, never as a crash. */
export function text(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key]
  return typeof value === 'string' ? value : undefined
}

export function number(object: JsonObject | undefined, key: string): number | undefined {
  const value = object?.[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function flag(object: JsonObject | undefined, key: string): boolean | undefined {
  const value = object?.[key]
  return typeof value === 'boolean' ? value : undefined
}

export function child(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key]
  return isObject(value) ? value : undefined
}

export function list(object: JsonObject | undefined, key: string): readonly JsonValue[] {
  const value = object?.[key]
  return Array.isArray(value) ? value : []
}

/** The objects of a list, each with its place in the list; anything else in the list is reported to `other`. */
export function* objects(
  object: JsonObject | undefined,
  key: string,
  other?: (index: number) => void,
): Generator<readonly [JsonObject, number]> {
  for (const [index, item] of list(object, key).entries()) {
    if (isObject(item)) yield [item, index]
    else other?.(index)
  }
}

/** Only the members that have a value, to be spread into an object whose members may be absent but not undefined. */
export function present<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>
  }
}

/** The object's text, as it was written; undefined where the member is anything else. */
export function objectText(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key]
  return isObject(value) ? rawText(value) : undefined
}

/** A member that says nothing: absent, null, false, an empty text, list or object. Leaving it out loses nothing. */
export function saysNothing(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

/** The paths of all members that are not in `known` and say something. */
export function unknownMembers(object: JsonObject, known: ReadonlySet<string>, path: string): string[] {
  return Object.keys(object)
    .filter((key) => !known.has(key) && !saysNothing(object[key]))
    .map((key) => (path === '' ? key : `${path}.${key}`))
}
