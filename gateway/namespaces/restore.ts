/** Puts the client's names back into answers: only where a tool's name stands, never in text or arguments, and every other byte stays. */
import type { WireDialect } from '../../db/types.ts'
import type { AnswerTransform } from '../pipeline/answer-transform.ts'
import { spliceBytes, toSplices, type JsonEdit, type Splice } from '../pipeline/json-edit.ts'
import { createEventTransform } from '../pipeline/sse-events.ts'
import { asObject, parseJson } from '../../workflows/domain/json.ts'
import { nameFinders } from './plan.ts'

/** Bytes of the caller's wire, in which the upstream's names stand. `restore` as planned with the request. */
export function createNameRestorer(wire: WireDialect, restore: ReadonlyMap<string, string>): AnswerTransform {
  const finder = nameFinders[wire]
  const beginning = toCommonBeginning([...restore.keys()])
  // Most events hold no name at all, and are not read. A name may be written with escapes.
  const mayHoldNames = (bytes: Buffer): boolean => bytes.includes(beginning) || bytes.includes('\\u00')

  const findChanges = (json: Buffer): Splice[] => {
    const body = asObject(parseJson(json.toString('utf8')))
    if (body === null) return []
    const edits = finder.inAnswer(body).flatMap(({ path, name }): JsonEdit[] => {
      const original = restore.get(name)
      return original === undefined ? [] : [{ kind: 'replace', path, text: original }]
    })
    return edits.length === 0 ? [] : (toSplices(json, edits) ?? [])
  }

  return {
    json(body) {
      const changes = mayHoldNames(body) ? findChanges(body) : []
      return changes.length === 0 ? body : spliceBytes(body, changes)
    },
    stream: () =>
      createEventTransform((block) => {
        const changes = mayHoldNames(block.raw) ? findChanges(block.toData()) : []
        return changes.length === 0 ? block.raw : block.splice(changes)
      }),
  }
}

function toCommonBeginning(names: readonly string[]): string {
  let beginning = names[0] ?? ''
  for (const name of names) while (!name.startsWith(beginning)) beginning = beginning.slice(0, -1)
  return beginning
}
