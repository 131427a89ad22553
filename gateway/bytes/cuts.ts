/** Takes elements out of lists and members out of objects of a JSON body; every other byte stays. */
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import { readElements, readMembers, toCuts } from './body-edits.ts'
import { spliceBytes, type Splice } from './json-edit.ts'
import { locateAll } from './json-scan.ts'

export interface ListCut {
  /** Of the list. */
  path: JsonPath
  indexes: ReadonlySet<number>
}

export interface MemberCut {
  /** Of the object. */
  path: JsonPath
  names: ReadonlySet<string>
}

export type Cut = ListCut | MemberCut

/** The body is walked once. No cut may stand inside what another takes out; what is not there is left alone. */
export function cutAll(body: Buffer, cuts: readonly Cut[]): Buffer {
  const places = locateAll(
    body,
    cuts.map(({ path }) => path),
  )
  const splices = cuts.flatMap((cut, at) => {
    const place = places[at]
    if (!place) return []
    return 'indexes' in cut ? cutElements(body, place.start, cut) : cutMembers(body, place.start, cut)
  })
  return spliceBytes(
    body,
    splices.toSorted((a, b) => a.start - b.start),
  )
}

function cutElements(body: Buffer, list: number, { indexes }: ListCut): Splice[] {
  const elements = readElements(body, list)
  const taken = new Set(elements.filter((_, index) => indexes.has(index)))
  return toCuts(elements, (element) => taken.has(element))
}

function cutMembers(body: Buffer, object: number, { names }: MemberCut): Splice[] {
  return toCuts(readMembers(body, object), ({ name }) => names.has(name))
}
