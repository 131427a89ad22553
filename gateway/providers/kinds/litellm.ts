import { createOpenAiKind, writeForClaude } from '../compatible.ts'

/**
 * A LiteLLM proxy speaks all three dialects for every model behind it, and knows cache markers and earlier reasoning.
 * Errors: `{error: {message, type, param, code}}` with a number's text as code. Sources:
 * https://docs.litellm.ai/docs/simple_proxy, https://docs.litellm.ai/docs/anthropic_unified
 */
export const litellm = createOpenAiKind({
  name: 'litellm',
  countsTokens: true,
  write: { cacheControl: true, reasoningHistory: true, developerRole: true },
  writeFor: writeForClaude,
})
