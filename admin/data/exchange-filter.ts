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
export const outcomes = ['success', 'failure', 'none'] as const
export const arms = ['control', 'treatment'] as const
export type Status = (typeof statuses)[number]

export interface ExchangeFilter {
  /** Parts of names, whatever their case; `*` stands for any characters. */
  model?: string
  provider?: string
  text?: string
  status?: Status
  outcome?: (typeof outcomes)[number]
  team?: string
  key?: string
  endpoint?: string
  arm?: (typeof arms)[number]
  experimentId?: string
  /** Code of something that was found of its outcome. */
  reason?: string
  patternId?: string
  sessionId?: string
  from?: string
  to?: string
  /** Stays relative: the same link shows the last hour tomorrow too. */
  range?: Range
  cursor?: string
}

export const filterNames = [
  'model',
  'provider',
  'text',
  'status',
  'outcome',
  'team',
  'key',
  'endpoint',
  'arm',
  'experimentId',
  'reason',
  'patternId',
  'sessionId',
  'from',
  'to',
  'range',
  'cursor',
] as const satisfies (keyof ExchangeFilter)[]

type Search = Partial<Record<string, string | string[]>>

const choices: Partial<Record<keyof ExchangeFilter, readonly string[]>> = {
  status: statuses,
  outcome: outcomes,
  arm: arms,
  range: Object.keys(ranges),
}

export function parseFilter(search: Search): ExchangeFilter {
  const filter: Partial<Record<keyof ExchangeFilter, string>> = {}
  for (const name of filterNames) {
    const value = search[name]
    if (typeof value === 'string' && value !== '' && (choices[name]?.includes(value) ?? true)) filter[name] = value
  }
  return filter as ExchangeFilter
}

export function toListInput(
  filter: ExchangeFilter,
  limit: number,
  now: number,
): NonNullable<Inputs['exchanges']['list']> {
  const { range, model, provider, ...rest } = filter
  return {
    ...rest,
    ...(model ? { model: toPartOfName(model) } : {}),
    ...(provider ? { provider: toPartOfName(provider) } : {}),
    ...(range ? { from: new Date(now - ranges[range]).toISOString() } : {}),
    limit,
  }
}

/** `gpt` finds every model with it in its name; somebody who writes a `*` means exactly that. */
function toPartOfName(name: string): string {
  return name.includes('*') ? name : `*${name}*`
}

/** Whether anything is left out. */
export function isFiltered(filter: ExchangeFilter): boolean {
  return Object.keys(filter).some((name) => name !== 'cursor')
}

/** What is not in the stream's items, or comes later: a reload finds out. */
const unseen = ['text', 'outcome', 'reason'] as const

/**
 * Whether what has just been recorded belongs into the list. What is learned later (the pattern) comes with the next
 * reload.
 */
export function matchesFilter(filter: ExchangeFilter, item: Exchange): boolean {
  if (unseen.some((name) => filter[name] !== undefined)) return false
  const equal: [string | undefined, string | null][] = [
    [filter.status, item.status],
    [filter.team, item.team],
    [filter.key, item.keyName],
    [filter.endpoint, item.endpoint],
    [filter.arm, item.arm],
    [filter.experimentId, item.experimentId],
    [filter.patternId, item.patternId],
    [filter.sessionId, item.sessionId],
  ]
  return (
    equal.every(([wanted, value]) => wanted === undefined || wanted === value) &&
    (matchesName(filter.model, item.model) || matchesName(filter.model, item.requestedModel)) &&
    matchesName(filter.provider, item.provider) &&
    (!filter.from || item.createdAt >= filter.from) &&
    (!filter.to || item.createdAt < filter.to)
  )
}

function matchesName(wanted: string | undefined, name: string | null): boolean {
  if (wanted === undefined) return true
  if (name === null) return false
  const parts = toPartOfName(wanted)
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(name)
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
