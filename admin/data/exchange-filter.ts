/** The exchange list's state lives in its URL; this is the one translation between the two. */
import type { Exchange, Inputs } from './client.ts'

export const ranges = { '15m': 15 * 60_000, '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000 } as const
export type Range = keyof typeof ranges
export const rangeNames: Record<Range, string> = {
  '15m': 'last 15 minutes',
  '1h': 'last hour',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
}

export const statuses = ['ok', 'error', 'cancelled', 'truncated', 'unknown'] as const
export type Status = (typeof statuses)[number]

export interface ExchangeFilter {
  model?: string
  provider?: string
  status?: Status
  patternId?: string
  sessionId?: string
  from?: string
  to?: string
  /** Stays relative: the same link shows the last hour tomorrow too. */
  range?: Range
  cursor?: string
}

type Search = Partial<Record<string, string | string[]>>

export function parseFilter(search: Search): ExchangeFilter {
  const filter: ExchangeFilter = {}
  for (const name of ['model', 'provider', 'patternId', 'sessionId', 'from', 'to', 'cursor'] as const) {
    const value = search[name]
    if (typeof value === 'string' && value !== '') filter[name] = value
  }
  const status = statuses.find((known) => known === search.status)
  if (status) filter.status = status
  if (typeof search.range === 'string' && search.range in ranges) filter.range = search.range as Range
  return filter
}

export function toListInput(
  filter: ExchangeFilter,
  limit: number,
  now: number,
): NonNullable<Inputs['exchanges']['list']> {
  const { range, ...rest } = filter
  return { ...rest, ...(range ? { from: new Date(now - ranges[range]).toISOString() } : {}), limit }
}

/** Whether anything is left out. */
export function isFiltered(filter: ExchangeFilter): boolean {
  return Object.keys(filter).some((name) => name !== 'cursor')
}

/**
 * Whether what has just been recorded belongs into the list. What is learned later (the pattern) comes with the next
 * reload.
 */
export function matchesFilter(filter: ExchangeFilter, item: Exchange): boolean {
  return (
    (!filter.model || item.model === filter.model || item.requestedModel === filter.model) &&
    (!filter.provider || item.provider === filter.provider) &&
    (!filter.status || item.status === filter.status) &&
    (!filter.patternId || item.patternId === filter.patternId) &&
    (!filter.sessionId || item.sessionId === filter.sessionId) &&
    (!filter.from || item.createdAt >= filter.from) &&
    (!filter.to || item.createdAt < filter.to)
  )
}

/** New items among the ones that are shown: newest first, each once, no more than a page. */
export function mergeNewest(
  shown: Exchange[],
  arrived: Exchange[],
  nextCursor: string | null,
  limit: number,
): { items: Exchange[]; nextCursor: string | null } {
  const byId = new Map([...shown, ...arrived].map((item) => [item.id, item]))
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1))
  // What is older than the page's end belongs to the next page, where there is one.
  const last = nextCursor
  const items = sorted.filter((item) => last === null || item.id >= last).slice(0, limit)
  const more = items.length < sorted.length || nextCursor !== null
  return { items, nextCursor: more ? (items.at(-1)?.id ?? null) : null }
}
