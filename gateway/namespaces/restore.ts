/**
 * Puts the client's names back into answers: only where a tool's name stands, never in text or arguments, and every
 * other byte stays.
 */
import type { Wire } from '../../db/words/wire.ts'
import type { AnswerTransform } from '../bytes/answer-transform.ts'
import { spliceBytes, toSplices, type JsonEdit, type Splice } from '../bytes/json-edit.ts'
import { createEventStage } from '../bytes/sse-stage.ts'
import { asObject, parseJson, type JsonObject } from '../../workflows/domain/json/json.ts'
import { toLead } from '../dialects/tool-names.ts'
import { nameFinders, type NamespacePlan } from './plan.ts'

/** Bytes of the caller's wire, in which the upstream's names stand. */
export function createNameRestorer(
  wire: Wire,
  { prefix, restore, kept }: Omit<NamespacePlan, 'edits'>,
): AnswerTransform {
  const finder = nameFinders[wire]
  const lead = toLead(prefix)
  // Most events hold no name at all, and are not read. A name may be written with escapes.
  const mayHoldNames = (bytes: Buffer): boolean => bytes.includes(lead) || bytes.includes('\\u00')

  // A model may make up a tool, or remember one that is not offered any more; its client is to see that as it would
  // without a namespace.
  const toOriginal = (name: string): string | undefined =>
    restore.get(name) ??
    (name.startsWith(lead) && name.length > lead.length && !kept.has(name) ? name.slice(lead.length) : undefined)

  return createNameTransform(mayHoldNames, (body) =>
    finder.inAnswer(body).flatMap(({ path, name }): JsonEdit[] => {
      const original = toOriginal(name)
      return original === undefined ? [] : [{ kind: 'replace', path, text: original }]
    }),
  )
}

/** Edits of answers, whole or event by event. `mayHoldNames` spares the reading of those that have none. */
export function createNameTransform(
  mayHoldNames: (bytes: Buffer) => boolean,
  findEdits: (body: JsonObject) => JsonEdit[],
): AnswerTransform {
  const findChanges = (json: Buffer): Splice[] => {
    const body = asObject(parseJson(json.toString('utf8')))
    const edits = body === null ? [] : findEdits(body)
    return edits.length === 0 ? [] : (toSplices(json, edits) ?? [])
  }

  return {
    json(body) {
      const changes = mayHoldNames(body) ? findChanges(body) : []
      return changes.length === 0 ? body : spliceBytes(body, changes)
    },
    stream: () =>
      createEventStage((block) => {
        const changes = mayHoldNames(block.bytes) ? findChanges(block.toData()) : []
        return changes.length === 0 ? block.bytes : block.splice(changes)
      }),
  }
}
