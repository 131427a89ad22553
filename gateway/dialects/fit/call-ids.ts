import { createHash } from 'node:crypto'
import { withShortCallIds } from '../call-ids.ts'
import type { ConversationRequest, Part, Turn } from '../model.ts'
import type { Fitting } from './fitting.ts'

/** Ids of calls: of a form and length that the provider takes, and each for one call only. */
export function fitCallIds(request: ConversationRequest, { accepts, write }: Fitting): ConversationRequest {
  const unique = accepts.uniqueCallIds === true ? withUniqueCallIds(request) : request
  if (write.shortCallIds) return withShortCallIds(unique)
  const { maxCallIdCharacters: max } = accepts
  return max === undefined ? unique : mapIds(unique, (id) => (id.length <= max ? id : toShort(id, max)))
}

function toShort(id: string, max: number): string {
  return `call_${createHash('sha256').update(id).digest('hex')}`.slice(0, max)
}

function mapIds(request: ConversationRequest, rename: (id: string) => string): ConversationRequest {
  const renamed = (part: Part): Part =>
    part.kind === 'tool-call' || part.kind === 'tool-result' ? { ...part, id: rename(part.id) } : part
  return { ...request, turns: request.turns.map((turn) => ({ ...turn, parts: turn.parts.map(renamed) })) }
}

/**
 * Servers without ids of their own name the first call of every answer alike. A later call of the same id gets another,
 * and so do the results behind it. The same conversation gives the same ids again.
 */
function withUniqueCallIds(request: ConversationRequest): ConversationRequest {
  const counts = new Map<string, number>()
  const taken = new Set<string>()
  const current = new Map<string, string>()
  let changed = false
  const rename = (part: Part): Part => {
    if (part.kind === 'tool-result') return { ...part, id: current.get(part.id) ?? part.id }
    if (part.kind !== 'tool-call') return part
    let id = part.id
    for (let count = counts.get(part.id) ?? 0; taken.has(id);) {
      count++
      id = `${part.id}_${count + 1}`
      counts.set(part.id, count)
      changed = true
    }
    taken.add(id)
    current.set(part.id, id)
    return { ...part, id }
  }
  const turns = request.turns.map((turn): Turn => ({ ...turn, parts: turn.parts.map(rename) }))
  return changed ? { ...request, turns } : request
}
