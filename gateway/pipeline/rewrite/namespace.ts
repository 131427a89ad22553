/** Step 5, the last of it: the client's tools go into their namespace, and come out of it with the answer. */
import type { Wire } from '../../../db/words/wire.ts'
import { planNamespace } from '../../namespaces/plan.ts'
import type { NamespacePlace } from '../../namespaces/prefix.ts'
import { createNameRestorer } from '../../namespaces/restore.ts'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import { editJson } from '../../bytes/json-edit.ts'

export interface Namespaced {
  body: Buffer
  prefix: string
  /** The last to change the answer: whoever comes before it sees the upstream's names. */
  transform: AnswerTransform
}

/** `json` is the body, parsed; `null` = it has been rewritten since it was. Gives `null` where names go as they are. */
export function enterNamespace(
  wire: Wire,
  body: Buffer,
  json: Record<string, unknown> | null,
  place: NamespacePlace,
): Namespaced | null {
  if (place.toolNamespace === 'off') return null
  const plan = planNamespace(wire, json ?? JSON.parse(body.toString('utf8')), place)
  const edited = plan && editJson(body, plan.edits)
  return plan && edited && { body: edited, prefix: plan.prefix, transform: createNameRestorer(wire, plan) }
}
