/** What an exchange cost. Pure. */
import type { Price } from '../../../db/words/config.ts'
import type { Usage } from '../../../db/words/exchange.ts'
import type { Wire } from '../../../db/words/wire.ts'

/**
 * What writing to the cache costs where a price does not say it, in prices of input: Anthropic's,
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
 */
const cacheWriteFactors = { fiveMinutes: 1.25, oneHour: 2 } as const

/** US dollars; `null` = no price is known for the model or nothing was counted, never 0 for that. */
export function toCostUsd(wire: Wire | null, usage: Usage | null, price: Price | undefined): number | null {
  if (price === undefined || usage === null || usage.inputTokens === null) return null
  // What passes through (embeddings) writes no answer, and counts none.
  const output = usage.outputTokens ?? (wire === null ? 0 : null)
  if (output === null) return null
  const cached = usage.cachedInputTokens ?? 0
  const { cacheWrite5mTokens: written5m = 0, cacheWrite1hTokens: written1h = 0 } = usage
  const fresh = Math.max(0, usage.inputTokens - cached - written5m - written1h)
  return (
    (fresh * price.input +
      cached * (price.cachedInput ?? price.input) +
      written5m * (price.cacheWrite5m ?? price.input * cacheWriteFactors.fiveMinutes) +
      written1h * (price.cacheWrite1h ?? price.input * cacheWriteFactors.oneHour) +
      output * price.output) /
    1_000_000
  )
}

/**
 * The same at list prices, as if the provider had no cache: what a prompt costs by itself, whoever warmed the cache for
 * it.
 */
export function toListCostUsd(wire: Wire | null, usage: Usage | null, price: Price | undefined): number | null {
  if (usage === null) return null
  const { cacheWrite5mTokens: _short, cacheWrite1hTokens: _long, ...counted } = usage
  return toCostUsd(wire, { ...counted, cachedInputTokens: null }, price)
}

/** A price under `provider/model` goes before one under the bare model. */
export function findPrice(
  prices: Record<string, Price>,
  provider: string | null,
  model: string | null,
): Price | undefined {
  if (model === null) return undefined
  const qualified = `${provider}/${model}`
  if (Object.hasOwn(prices, qualified)) return prices[qualified]
  return Object.hasOwn(prices, model) ? prices[model] : undefined
}
