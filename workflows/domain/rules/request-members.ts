/** What the three wires' checks of a request share: members that are there, lists of objects, calls and their results. */
import { isObject } from './parameters.ts'

export type Fields = Record<string, unknown>
/** Notes a fault. */
export type Note = (fault: string) => void

export function hasMember(body: Fields, name: string): boolean {
  return Object.hasOwn(body, name) && body[name] !== null && body[name] !== undefined
}

/** The objects of a list that must have at least one; what is wrong with it is noted. */
export function readFullList(value: unknown, name: string, faults: string[]): Fields[] {
  if (!Array.isArray(value) || value.length === 0) {
    faults.push(`${name}: must be a list with at least one member`)
    return []
  }
  if (!value.every(isObject)) faults.push(`${name}: each must be an object`)
  return value.filter(isObject)
}

/** Calls and their results by their ids; a result comes after its call. */
export class Calls {
  readonly #called = new Set<string>()
  readonly #answered = new Set<string>()
  readonly #note: Note

  constructor(note: Note) {
    this.#note = note
  }

  call(id: unknown): void {
    this.#called.add(String(id))
  }

  answer(id: unknown): void {
    this.#answered.add(String(id))
    if (!this.#called.has(String(id))) this.#note(`the result ${String(id)} has no call before it`)
  }

  end(): void {
    for (const id of this.#called) if (!this.#answered.has(id)) this.#note(`the call ${id} has no result`)
  }
}
