/** What an error of Temporal's client means for what was asked. */

const invalidArgument = 3
/** gRPC's cancelled, deadline exceeded, resource exhausted and unavailable. */
const awayCodes = new Set([1, 4, 8, 14])

/** It passes: the call did not fail by what it asked for. */
export function isAway(error: unknown): boolean {
  const code = toCode(error)
  return code === null ? isTransport(error) : awayCodes.has(code)
}

/** The call can never succeed as it is: the server, or the client itself, will not have what was asked. */
export function isRefused(error: unknown): boolean {
  const code = toCode(error)
  return code === null ? !isTransport(error) : code === invalidArgument
}

/** The namespace does not know a search attribute, although it did when the worker started. */
export function isUnknownSearchAttribute(error: unknown): boolean {
  if (toCode(error) !== invalidArgument) return false
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (/search attribute/i.test(cause.message)) return true
  return false
}

/** The client wraps what gRPC said as a cause. */
function toCode(error: unknown): number | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as { code?: unknown }).code
    if (typeof code === 'number') return code
  }
  return null
}

/** A server that has just started, or is short of everything, may not know its namespace for a moment. */
const passing = new Set(['TransportError', 'IllegalStateError', 'NamespaceNotFoundError'])

function isTransport(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (passing.has(cause.name)) return true
  }
  return false
}
