import { createOpenAiKind, writeForClaude } from '../compatible.ts'

/**
 * OpenRouter speaks all three dialects for every model, so each caller gets its own; in chat it knows cache markers and
 * earlier reasoning. Streams always have their usage. Errors: `{error: {code, message, metadata}}` with a number as
 * code, also inside a stream. Sources: https://openrouter.ai/docs/api-reference/overview,
 * https://openrouter.ai/docs/api-reference/errors, https://openrouter.ai/docs/features/prompt-caching,
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export const openrouter = createOpenAiKind({
  name: 'openrouter',
  addsUsage: false,
  write: { cacheControl: true, reasoningHistory: true, developerRole: true },
  writeFor: writeForClaude,
})
