import type { Usage as RecordedUsage } from '../../db/words/exchange.ts'
import {
  readAnthropicUsage as readAnthropicTokens,
  readOpenAiUsage as readOpenAiTokens,
  toUsage,
} from '../../workflows/domain/exchanges/usage.ts'
import type { JsonObject, JsonTree } from './json.ts'
import type { Usage } from './model.ts'

/** Both of OpenAI's wires; cached tokens are counted inside the input. */
export function readOpenAiUsage(usage: JsonObject | undefined): Usage | undefined {
  return fromRecordedUsage(readOpenAiTokens(usage ?? null))
}

/** Cached tokens are counted beside the input; here they are a part of it. */
export function readAnthropicUsage(usage: JsonObject | undefined): Usage | undefined {
  return fromRecordedUsage(readAnthropicTokens(usage ?? null))
}

/** Parts of a whole never exceed it, whatever an upstream counts. */
export function fittingUsage(usage: Usage): Usage {
  return fromRecordedUsage(toRecordedUsage(usage)) ?? usage
}

function fromRecordedUsage(usage: RecordedUsage | null): Usage | undefined {
  if (usage === null) return undefined
  const { cacheWrite5mTokens, cacheWrite1hTokens } = usage
  const wrote = cacheWrite5mTokens !== undefined || cacheWrite1hTokens !== undefined
  return {
    input: usage.inputTokens ?? undefined,
    output: usage.outputTokens ?? undefined,
    cacheRead: usage.cachedInputTokens ?? undefined,
    cacheWrite: wrote ? (cacheWrite5mTokens ?? 0) + (cacheWrite1hTokens ?? 0) : undefined,
    cacheWrite1h: cacheWrite1hTokens,
    reasoning: usage.reasoningTokens ?? undefined,
  }
}

export function writeOpenAiUsage(
  usage: Usage,
  names: { readonly input: 'prompt' | 'input'; readonly output: 'completion' | 'output' },
): JsonTree {
  const input = usage.input ?? 0
  const output = usage.output ?? 0
  // The Responses dialect promises these details; chat leaves them out when nobody counted.
  const always = names.input === 'input'
  const known = always || usage.cacheRead !== undefined || usage.cacheWrite !== undefined
  return {
    [`${names.input}_tokens`]: input,
    [`${names.input}_tokens_details`]: known
      ? { cached_tokens: usage.cacheRead ?? 0, cache_write_tokens: usage.cacheWrite }
      : undefined,
    [`${names.output}_tokens`]: output,
    [`${names.output}_tokens_details`]:
      always || usage.reasoning !== undefined ? { reasoning_tokens: usage.reasoning ?? 0 } : undefined,
    total_tokens: input + output,
  }
}

export function writeAnthropicUsage(usage: Usage): Record<string, JsonTree> {
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0)
  return {
    input_tokens: Math.max(0, (usage.input ?? 0) - cached),
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    cache_creation:
      usage.cacheWrite1h === undefined
        ? undefined
        : {
            ephemeral_5m_input_tokens: (usage.cacheWrite ?? 0) - usage.cacheWrite1h,
            ephemeral_1h_input_tokens: usage.cacheWrite1h,
          },
    output_tokens: usage.output ?? 0,
    output_tokens_details: usage.reasoning === undefined ? undefined : { thinking_tokens: usage.reasoning },
  }
}

/** Later counts replace earlier ones: streams repeat their totals, they do not add to them. */
export function mergeUsage(before: Usage | undefined, after: Usage): Usage {
  const known = Object.fromEntries(Object.entries(after).filter(([, count]) => count !== undefined))
  return { ...before, ...known }
}

/** As the record keeps it; `null` = nothing was stated. */
export function toRecordedUsage(usage: Usage | undefined): RecordedUsage | null {
  if (usage === undefined || (usage.input === undefined && usage.output === undefined)) return null
  return toUsage({
    input: usage.input ?? null,
    output: usage.output ?? null,
    cacheRead: usage.cacheRead ?? null,
    cacheWrite: usage.cacheWrite ?? null,
    cacheWrite1h: usage.cacheWrite1h ?? null,
    reasoning: usage.reasoning ?? null,
  })
}
