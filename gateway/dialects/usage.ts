import type { Usage as RecordedUsage } from '../../db/words/exchange.ts'
import { toUsage } from '../../workflows/domain/exchanges/usage.ts'
import type { JsonObject, JsonTree } from './json.ts'
import { child, number } from './members.ts'
import type { Usage } from './model.ts'

/** OpenAI's two shapes differ in names only; cached tokens are counted inside the input, Anthropic's beside it. */
export function readOpenAiUsage(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined
  const inputDetails = child(usage, 'prompt_tokens_details') ?? child(usage, 'input_tokens_details')
  const outputDetails = child(usage, 'completion_tokens_details') ?? child(usage, 'output_tokens_details')
  const input = number(usage, 'prompt_tokens') ?? number(usage, 'input_tokens')
  const output = number(usage, 'completion_tokens') ?? number(usage, 'output_tokens')
  const reasoning = number(outputDetails, 'reasoning_tokens') ?? number(usage, 'reasoning_tokens')
  // xAI counts reasoning beside the answer; its total tells, or a reasoning that is larger than what it is a part of.
  const beside =
    reasoning !== undefined &&
    output !== undefined &&
    (reasoning > output || number(usage, 'total_tokens') === (input ?? 0) + output + reasoning)
  return fittingUsage({
    input,
    output: beside ? output + reasoning : output,
    // DeepSeek and Mistral count cache hits in members of their own.
    cacheRead:
      number(inputDetails, 'cached_tokens') ??
      number(usage, 'prompt_cache_hit_tokens') ??
      number(usage, 'num_cached_tokens'),
    cacheWrite: number(inputDetails, 'cache_write_tokens') ?? number(inputDetails, 'cache_creation_tokens'),
    reasoning,
  })
}

/**
 * Parts of a whole never exceed it, whatever an upstream counts: what is read from the cache is counted first, what is
 * written into it takes what is left of the input.
 */
export function fittingUsage(usage: Usage): Usage {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage
  const read = atMost(cacheRead, input)
  return {
    ...usage,
    cacheRead: read,
    cacheWrite: atMost(cacheWrite, input === undefined ? undefined : input - (read ?? 0)),
    reasoning: atMost(reasoning, output),
  }
}

function atMost(count: number | undefined, whole: number | undefined): number | undefined {
  return count === undefined || whole === undefined ? count : Math.min(count, whole)
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

export function readAnthropicUsage(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined
  const fresh = number(usage, 'input_tokens')
  const cacheRead = number(usage, 'cache_read_input_tokens')
  const cacheWrite = number(usage, 'cache_creation_input_tokens')
  return {
    input: fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: number(usage, 'output_tokens'),
    cacheRead,
    cacheWrite,
    cacheWrite1h: number(child(usage, 'cache_creation'), 'ephemeral_1h_input_tokens'),
    reasoning: number(child(usage, 'output_tokens_details'), 'thinking_tokens'),
  }
}

export function writeAnthropicUsage(usage: Usage): Record<string, JsonTree> {
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0)
  return {
    input_tokens: Math.max(0, (usage.input ?? 0) - cached),
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
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
