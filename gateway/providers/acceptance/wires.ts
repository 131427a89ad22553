/** What holds for everybody who speaks a wire, because its maker says so, unless a later row says otherwise. */
import type { AcceptanceRow } from './row.ts'

const plainName = /^[a-zA-Z0-9_-]+$/

export const wireRows: readonly AcceptanceRow[] = [
  {
    source: 'OpenAI documentation: Function calling; Anthropic documentation: Tool use (schemas of tools are objects)',
    wires: ['chat', 'responses', 'messages'],
    accepts: { toolSchemas: 'object' },
  },
  {
    source: 'public report: two calls of one id in a conversation are refused, or their results mistaken',
    accepts: { uniqueCallIds: true },
  },
  {
    source: 'OpenAI API reference: Create chat completion (user, prompt_cache_key, stop, tools)',
    wires: ['chat'],
    accepts: {
      maxUserCharacters: 64,
      maxCacheKeyCharacters: 64,
      maxStops: 4,
      toolNames: { maxCharacters: 64, allowed: plainName },
    },
  },
  {
    source: 'OpenAI API reference: Create a model response (max_output_tokens, call_id, user, prompt_cache_key, tools)',
    wires: ['responses'],
    accepts: {
      minOutputTokens: 16,
      maxCallIdCharacters: 64,
      maxUserCharacters: 64,
      maxCacheKeyCharacters: 64,
      toolNames: { maxCharacters: 64, allowed: plainName },
    },
  },
  {
    source: 'public report: servers that know no reasoning_effort refuse the word none, or ignore it',
    wires: ['chat', 'responses'],
    accepts: { reasoning: { off: 'omit' } },
  },
  {
    source: 'Anthropic API reference: Messages (content blocks, metadata.user_id, tools)',
    wires: ['messages'],
    accepts: {
      refusesBlankText: true,
      prefill: 'trimmed',
      maxUserCharacters: 256,
      images: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
      toolNames: { maxCharacters: 128, allowed: plainName },
    },
  },
  {
    source: 'Anthropic documentation: Extended thinking (a budget is at least 1,024 and smaller than max_tokens)',
    wires: ['messages'],
    accepts: { reasoning: { budget: { min: 1_024 }, budgetWithinOutput: true } },
  },
]
