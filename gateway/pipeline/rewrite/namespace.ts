/** Step 5, the last of it: the client's tools go into their namespace, and come out of it with the answer. */
import type { Wire } from '../../../db/words/wire.ts'
import { planNamespace } from '../../namespaces/plan.ts'
import type { NamespacePlace } from '../../namespaces/prefix.ts'
import { createNameRestorer } from '../../namespaces/restore.ts'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import type { JsonEdit } from '../../bytes/json-edit.ts'

export interface Namespaced {
  edits: JsonEdit[]
  prefix: string
  /** The last to change the answer: whoever comes before it sees the upstream's names. */
  transform: AnswerTransform
}

/** `json`: what the body says. `null` = names go as they are. */
export function enterNamespace(wire: Wire, json: Record<string, unknown>, place: NamespacePlace): Namespaced | null {
  const plan = planNamespace(wire, json, place)
  return plan && { edits: plan.edits, prefix: plan.prefix, transform: createNameRestorer(wire, plan) }
}
