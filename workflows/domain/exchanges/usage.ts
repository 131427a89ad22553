/**
 * Tokens as every wire's record has them: the input is all of it, with what was read from and written to the cache, and
 * no part is more than its whole. Pure.
 */
import type { Usage } from '../../../db/words/exchange.ts'
import { asCount, asObject, type JsonObject } from '../json/json.ts'

export interface TokenCounts {
  /** All of it. */
  input: number | null
  output: number | null
  cacheRead: number | null
  /** All that was written to the cache, however long it stays there. */
  cacheWrite: number | null
  /** Of that, what stays for an hour; the rest stays for five minutes. */
  cacheWrite1h: number | null
  reasoning: number | null
}

export function toUsage({ input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning }: TokenCounts): Usage {
  const read = atMost(cacheRead, input)
  const written = atMost(cacheWrite, input === null ? null : input - (read ?? 0)) ?? 0
  const hour = Math.min(cacheWrite1h ?? 0, written)
  return {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: read,
    ...(written - hour > 0 && { cacheWrite5mTokens: written - hour }),
    ...(hour > 0 && { cacheWrite1hTokens: hour }),
    reasoningTokens: atMost(reasoning, output),
  }
}

function atMost(part: number | null, whole: number | null): number | null {
  return part === null || whole === null ? part : Math.min(part, whole)
}

/** Anthropic counts what it read from its cache and wrote into it beside the input. */
export function readAnthropicUsage(usage: JsonObject | null): Usage | null {
  if (usage === null) return null
  const fresh = asCount(usage.input_tokens)
  const cacheRead = asCount(usage.cache_read_input_tokens)
  const byAge = asObject(usage.cache_creation)
  const cacheWrite1h = asCount(byAge?.ephemeral_1h_input_tokens)
  const cacheWrite =
    asCount(usage.cache_creation_input_tokens) ??
    (byAge && (asCount(byAge.ephemeral_5m_input_tokens) ?? 0) + (cacheWrite1h ?? 0))
  return toUsage({
    input: fresh === null ? null : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: asCount(usage.output_tokens),
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    reasoning: asCount(asObject(usage.output_tokens_details)?.thinking_tokens),
  })
}

/** OpenAI's two wires differ in names only; servers that speak like it have members of their own for the cache. */
export function readOpenAiUsage(usage: JsonObject | null): Usage | null {
  if (usage === null) return null
  const inputDetails = asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details)
  const outputDetails = asObject(usage.completion_tokens_details) ?? asObject(usage.output_tokens_details)
  const input = readCount(usage, 'prompt_tokens', 'input_tokens')
  const output = readCount(usage, 'completion_tokens', 'output_tokens')
  const reasoning = asCount(outputDetails?.reasoning_tokens) ?? asCount(usage.reasoning_tokens)
  const total = asCount(usage.total_tokens)
  return toUsage({
    input,
    output: output !== null && isBeside(reasoning, input, output, total) ? output + reasoning : output,
    // DeepSeek and Mistral count them in members of their own.
    cacheRead: asCount(inputDetails?.cached_tokens) ?? readCount(usage, 'prompt_cache_hit_tokens', 'num_cached_tokens'),
    cacheWrite: inputDetails && readCount(inputDetails, 'cache_write_tokens', 'cache_creation_tokens'),
    cacheWrite1h: null,
    reasoning,
  })
}

/** The first of two members that holds a count. */
function readCount(counts: JsonObject, first: string, second: string): number | null {
  return asCount(counts[first]) ?? asCount(counts[second])
}

/** xAI counts reasoning beside the answer: its total tells so, or a part that is larger than its whole. */
function isBeside(
  reasoning: number | null,
  input: number | null,
  output: number,
  total: number | null,
): reasoning is number {
  if (reasoning === null || reasoning === 0) return false
  return reasoning > output || total === (input ?? 0) + output + reasoning
}
