/**
 * What is wrong with a request of its dialect, as far as a rule could have done it: required members, types, who may
 * speak, members that need each other, tool results without their call. A rule's edit is undone when it adds a fault.
 */
import type { Wire } from '../../../db/words/wire.ts'
import { findChatFaults } from './chat-request-faults.ts'
import { findMessagesFaults } from './messages-request-faults.ts'
import { isObject, parameterChecks } from './parameters.ts'
import { hasMember, type Fields } from './request-members.ts'
import { findResponsesFaults } from './responses-request-faults.ts'
import { findToolFaults } from './tool-faults.ts'

const findersByWire: Record<Wire, (body: Fields, faults: string[]) => void> = {
  chat: findChatFaults,
  messages: findMessagesFaults,
  responses: findResponsesFaults,
}

/** Each begins with its place; the same fault reads the same before and after an edit elsewhere. */
export function findRequestFaults(wire: Wire, body: unknown): string[] {
  if (!isObject(body)) return ['the body must be an object']
  const faults: string[] = []
  const checks = parameterChecks[wire]
  for (const name of Object.keys(body)) {
    const fault = Object.hasOwn(checks, name) ? checks[name]?.(body[name]) : null
    if (fault) faults.push(`${name}: ${fault}`)
  }
  if (!hasMember(body, 'model')) faults.push('model: is required')
  if (!hasMember(body, 'tools') && hasMember(body, 'tool_choice')) faults.push('tool_choice: needs tools')
  findToolFaults(wire, body.tools, (fault) => faults.push(`tools: ${fault}`))
  findersByWire[wire](body, faults)
  return faults
}

/** The first fault that `after` has more often than `before` had it. */
export function findAddedFault(before: string[], after: string[]): string | null {
  const counts = new Map<string, number>()
  for (const fault of before) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  for (const fault of after) {
    const left = counts.get(fault) ?? 0
    if (left === 0) return fault
    counts.set(fault, left - 1)
  }
  return null
}
