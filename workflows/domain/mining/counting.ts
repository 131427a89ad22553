/** How many prompts each pattern has, and when they came. Pure. */
import { patternOf } from './people.ts'
import type { MinerState, PatternRecord, Row } from './state.ts'
import type { Override } from './types.ts'

/** Moves a prompt's count to the pattern it belongs to now. */
export function recount(state: MinerState, row: Row): void {
  const pattern = patternOf(state, row.group, row.prompt)
  if (pattern === row.pattern) return
  const left = row.pattern === null ? undefined : state.records.get(row.pattern)
  if (left) left.count--
  row.pattern = pattern
  if (pattern === null) return
  const record = state.records.get(pattern) ?? emptyRecord(row.id)
  record.count++
  record.firstSeen = Math.min(record.firstSeen, row.id)
  record.lastSeen = Math.max(record.lastSeen, row.id)
  state.records.set(pattern, record)
}

function emptyRecord(seen: number): PatternRecord {
  return { title: null, muted: false, count: 0, firstSeen: seen, lastSeen: seen }
}

/** What is counted but no longer kept as evidence follows a merge; after a split it stays with the older part. */
export function moveCount(state: MinerState, override: Override, into: string): void {
  const target = state.records.get(into)
  if (override.kind === 'split' && !target) state.records.set(into, emptyRecord(state.sequence))
  const source = override.kind === 'merge' ? state.records.get(override.from) : undefined
  if (!source || !target || source === target) return
  target.count += source.count
  target.firstSeen = Math.min(target.firstSeen, source.firstSeen)
  target.lastSeen = Math.max(target.lastSeen, source.lastSeen)
  state.records.delete((override as { from: string }).from)
}
