/** What a client of the dialect could not read in a whole answer: the members its own library takes for granted. */
import type { Wire } from '../../../db/words/wire.ts'
import { isObject } from './parameters.ts'

// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function findAnswerFaults(wire: Wire, body: unknown): string[] {
  if (!isObject(body)) return ['the body must be an object']
  const faults: string[] = []
  if (typeof body.id !== 'string') faults.push('id: must be a string')
  if (typeof body.model !== 'string') faults.push('model: must be a string')
  if (body.usage !== undefined && body.usage !== null && !isObject(body.usage)) faults.push('usage: must be an object')
  if (wire === 'chat') {
    for (const choice of readList(body.choices, 'choices', faults)) {
      const { message } = choice
      if (!isObject(message) || message.role !== 'assistant') faults.push('choices: a message has no role')
      else if (message.content !== undefined && message.content !== null && typeof message.content !== 'string')
        faults.push('choices: content must be a text')
    }
  } else if (wire === 'messages') {
    if (body.type !== 'message') faults.push('type: must be message')
    if (body.role !== 'assistant') faults.push('role: must be assistant')
    findPartFaults(body.content, 'content', faults)
  } else {
    if (typeof body.status !== 'string') faults.push('status: must be a string')
    for (const item of readList(body.output, 'output', faults)) {
      if (typeof item.type !== 'string') faults.push('output: an item has no type')
      else if (item.type === 'message') findPartFaults(item.content, 'output', faults)
    }
  }
  return faults
}

function readList(value: unknown, name: string, faults: string[]): Record<string, unknown>[] {
  if (!Array.isArray(value) || !value.every(isObject)) faults.push(`${name}: must be a list of objects`)
  return Array.isArray(value) ? value.filter(isObject) : []
}

function findPartFaults(value: unknown, name: string, faults: string[]): void {
  for (const part of readList(value, name, faults)) {
    if (typeof part.type !== 'string') faults.push(`${name}: a part has no type`)
    else if ((part.type === 'text' || part.type === 'output_text') && typeof part.text !== 'string')
      faults.push(`${name}: the text of a part must be a string`)
  }
}
