/** Which wire format an exchange speaks. Pure; the gateway, the learner and the admin use this very function. */
import type { Wire } from '../../../db/words/wire.ts'

const wires: Readonly<Record<string, Wire>> = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/messages': 'messages',
}

/**
 * By the recorded endpoint; `null` = it passes through (embeddings, files, batches, …): no prompt and no answer is read
 * from it.
 */
export function wireOf(endpoint: string): Wire | null {
  return Object.hasOwn(wires, endpoint) ? (wires[endpoint] as Wire) : null
}
