/** What a reanalysis costs before it is started, and how far its caps let it go. Pure. */
import type { Price } from '../../../db/words/config.ts'
import type { ReanalysisCaps } from '../../../db/words/reanalysis.ts'

/**
 * An upper bound in US dollars; `null` = there is no price for the model. Every token is taken at the dearer of its
 * prices.
 */
export function toCallUsd(tokens: number, price: Price | undefined): number | null {
  return price === undefined ? null : (tokens * Math.max(price.input, price.output)) / 1_000_000
}

/** How many of the wanted calls the caps allow. A cap in dollars allows none where the price is unknown. */
export function toAllowedCalls(
  wanted: number,
  callUsd: number | null,
  { maxClaudeCalls, maxUsd }: ReanalysisCaps,
): number {
  const byUsd =
    maxUsd === undefined
      ? Infinity
      : callUsd === null
        ? 0
        : callUsd === 0
          ? Infinity
          : Math.floor(maxUsd / callUsd + 1e-9)
  return Math.max(0, Math.min(wanted, maxClaudeCalls ?? Infinity, byUsd))
}

/** Seconds for `count` exchanges at `perSecond` (measured), slowed down to the cap; `null` = nothing is measured. */
export function toSeconds(count: number, perSecond: number | null, { maxPerSecond }: ReanalysisCaps): number | null {
  if (count === 0) return 0
  const rate = Math.min(perSecond ?? Infinity, maxPerSecond ?? Infinity)
  return Number.isFinite(rate) && rate > 0 ? count / rate : null
}

/** Exchanges of one page: as many as a second may have, so that a slow run is even and not one burst a page. */
export function toPageSize(most: number, { maxPerSecond }: ReanalysisCaps): number {
  return maxPerSecond === undefined ? most : Math.max(1, Math.min(most, Math.floor(maxPerSecond)))
}

/** Milliseconds to rest after a page of `count` that took `tookMs`. */
export function toRestMs(count: number, tookMs: number, { maxPerSecond }: ReanalysisCaps): number {
  return maxPerSecond === undefined ? 0 : Math.max(0, Math.ceil((count / maxPerSecond) * 1_000 - tookMs))
}
