/** What a client of the dialect could not read in a whole answer: the members its own library takes for granted. */
import type { Wire } from '../../../db/words/wire.ts'
import { isObject } from './parameters.ts'

type Fields = Record<string, unknown>

const findersByWire: Record<Wire, (body: Fields, faults: string[]) => void> = {
  chat: findChatFaults,
  messages: findMessageFaults,
  responses: findResponseFaults,
}

export function findAnswerFaults(wire: Wire, body: unknown): string[] {
  if (!isObject(body)) return ['the body must be an object']
  const faults: string[] = []
  if (typeof body.id !== 'string') faults.push('id: must be a string')
  if (typeof body.model !== 'string') faults.push('model: must be a string')
  if (!isAbsent(body.usage) && !isObject(body.usage)) faults.push('usage: must be an object')
  findersByWire[wire](body, faults)
  return faults
}

function findChatFaults(body: Fields, faults: string[]): void {
  for (const { message } of readList(body.choices, 'choices', faults)) {
    if (!isObject(message) || message.role !== 'assistant') faults.push('choices: a message has no role')
    else if (!isAbsent(message.content) && typeof message.content !== 'string')
      faults.push('choices: content must be a text')
  }
}

function findMessageFaults(body: Fields, faults: string[]): void {
  if (body.type !== 'message') faults.push('type: must be message')
  if (body.role !== 'assistant') faults.push('role: must be assistant')
  findPartFaults(body.content, 'content', faults)
}

function findResponseFaults(body: Fields, faults: string[]): void {
  if (typeof body.status !== 'string') faults.push('status: must be a string')
  for (const item of readList(body.output, 'output', faults)) {
    if (typeof item.type !== 'string') faults.push('output: an item has no type')
    else if (item.type === 'message') findPartFaults(item.content, 'output', faults)
  }
}

function findPartFaults(value: unknown, name: string, faults: string[]): void {
  for (const part of readList(value, name, faults)) {
    if (typeof part.type !== 'string') faults.push(`${name}: a part has no type`)
    else if ((part.type === 'text' || part.type === 'output_text') && typeof part.text !== 'string')
      faults.push(`${name}: the text of a part must be a string`)
  }
}

function readList(value: unknown, name: string, faults: string[]): Fields[] {
  if (!Array.isArray(value) || !value.every(isObject)) faults.push(`${name}: must be a list of objects`)
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}
