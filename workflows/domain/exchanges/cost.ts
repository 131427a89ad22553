/** What an exchange cost. Pure. */
import type { Price } from '../../../db/words/config.ts'
import type { Usage } from '../../../db/words/exchange.ts'
import type { Wire } from '../../../db/words/wire.ts'

/** US dollars; `null` = no price is known for the model or nothing was counted, never 0 for that. */
export function toCostUsd(
  wire: Wire | null,
  usage: Usage | null,
  cacheWriteTokens: number | null,
  price: Price | undefined,
): number | null {
  if (price === undefined || usage === null || usage.inputTokens === null) return null
  // What passes through (embeddings) writes nothing, and says nothing of it.
  const written = usage.outputTokens ?? (wire === null ? 0 : null)
  if (written === null) return null
  const cached = usage.cachedInputTokens ?? 0
  // OpenAI counts cached tokens within the input, Anthropic beside it.
  const fresh =
    wire === 'messages' ? usage.inputTokens + (cacheWriteTokens ?? 0) : Math.max(0, usage.inputTokens - cached)
  return (fresh * price.input + cached * (price.cachedInput ?? price.input) + written * price.output) / 1_000_000
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
