/** What a run may still spend. Pure: who asks reserves first, and settles with what it really cost. */

export interface Limits {
  calls: number
  usd: number
  tokens: number
}

export interface Spent extends Limits {
  /** Of calls that are under way. */
  reserved: Limits
}

export const nothingSpent: Spent = { calls: 0, usd: 0, tokens: 0, reserved: { calls: 0, usd: 0, tokens: 0 } }
const members = ['calls', 'usd', 'tokens'] as const

/** `null` = it does not fit. */
export function reserve(limits: Limits, spent: Spent, wanted: Limits): Spent | null {
  if (members.some((member) => spent[member] + spent.reserved[member] + wanted[member] > limits[member])) return null
  return { ...spent, reserved: add(spent.reserved, wanted) }
}

/** What a call cost takes the place of what was reserved for it; a call that was lost costs what was reserved. */
export function settle(spent: Spent, wanted: Limits, cost: Limits = wanted): Spent {
  return {
    ...add(spent, cost),
    reserved: add(spent.reserved, { calls: -wanted.calls, usd: -wanted.usd, tokens: -wanted.tokens }),
  }
}

function add(one: Limits, other: Limits): Limits {
  return { calls: one.calls + other.calls, usd: one.usd + other.usd, tokens: one.tokens + other.tokens }
}

/** Calls without a new member of the front after which a run ends by itself. */
export const maxIdleCalls = 60
