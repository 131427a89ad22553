/**
 * Changing one place of a parsed body without touching the body itself: whoever keeps the old value has undone the
 * change. Each change has a twin on the bytes (gateway/bytes/json-edit.ts), and both must mean the same.
 */
import type { BodyEdit, RulePath } from '../../../db/words/rule.ts'

export type Place = { found: true; value: unknown } | { found: false }

/** Negative numbers count from the end of a list, as it is now; `null` = the place cannot be there. */
export function resolvePath(body: unknown, path: RulePath): RulePath | null {
  const resolved: RulePath = []
  let at = body
  for (const step of path) {
    const index = typeof step === 'number' && step < 0 && Array.isArray(at) ? at.length + step : step
    if (typeof index === 'number' && index < 0) return null
    resolved.push(index)
    at = childOf(at, index)
  }
  return resolved
}

export function readAt(body: unknown, path: RulePath): Place {
  let at = body
  for (const step of path) {
    if (!hasChild(at, step)) return { found: false }
    at = childOf(at, step)
  }
  return { found: true, value: at }
}

export function hasChild(value: unknown, step: string | number): boolean {
  if (Array.isArray(value))
    return typeof step === 'number' && Number.isInteger(step) && step >= 0 && step < value.length
  return typeof value === 'object' && value !== null && typeof step === 'string' && Object.hasOwn(value, step)
}

function childOf(value: unknown, step: string | number): unknown {
  return hasChild(value, step) ? (value as Record<string | number, unknown>)[step] : undefined
}

/** The body with one edit made. `null` = the place is not there; then the bytes cannot be edited either. */
export function editValue(body: unknown, edit: BodyEdit): { value: unknown } | null {
  return change(body, edit.path, edit)
}

function change(value: unknown, path: RulePath, edit: BodyEdit): { value: unknown } | null {
  const [step, ...rest] = path
  if (step === undefined) return edit.kind === 'set' ? { value: JSON.parse(edit.json) } : null
  if (rest.length > 0) {
    if (!hasChild(value, step)) return null
    const inner = change(childOf(value, step), rest, edit)
    return inner && { value: withChild(value as object, step, inner.value) }
  }
  if (Array.isArray(value)) return changeList(value, step, edit)
  if (typeof value !== 'object' || value === null || typeof step !== 'string') return null
  return changeObject(value as Record<string, unknown>, step, edit)
}

function changeList(list: unknown[], step: string | number, edit: BodyEdit): { value: unknown } | null {
  if (typeof step !== 'number') return null
  if (edit.kind === 'insert')
    return step <= list.length ? { value: list.toSpliced(step, 0, JSON.parse(edit.json)) } : null
  if (!hasChild(list, step)) return null
  if (edit.kind === 'set') return { value: list.with(step, JSON.parse(edit.json)) }
  return edit.kind === 'remove' ? { value: list.toSpliced(step, 1) } : null
}

function changeObject(object: Record<string, unknown>, name: string, edit: BodyEdit): { value: unknown } | null {
  if (edit.kind === 'set') return { value: withChild(object, name, JSON.parse(edit.json)) }
  if (edit.kind === 'insert' || !Object.hasOwn(object, name)) return null
  const { [name]: moved, ...rest } = object
  if (edit.kind === 'remove') return { value: rest }
  return Object.hasOwn(object, edit.to) ? null : { value: withChild(rest, edit.to, moved) }
}

/** By definition, not assignment: a member named `__proto__` is a member like any other. */
function withChild(value: object, step: string | number, child: unknown): unknown {
  if (Array.isArray(value)) return value.with(step as number, child)
  return Object.defineProperty({ ...value }, step, {
    value: child,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
