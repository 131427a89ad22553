import { bearer, createOpenAiKind } from '../compatible.ts'

/**
 * OpenRouter speaks all three dialects for every model, so each caller gets its own; it knows cache markers and earlier
 * reasoning in chat. Sources: https://openrouter.ai/docs/api-reference/overview, https://openrouter.ai/docs/features/prompt-caching,
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export const openrouter = createOpenAiKind({
  name: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  wires: ['chat', 'messages', 'responses'],
  toCredentials: bearer,
  write: { cacheControl: true, reasoningHistory: true },
})
