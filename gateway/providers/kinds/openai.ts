import { createOpenAiKind } from '../compatible.ts'

/**
 * OpenAI. Chat Completions take neither cache markers nor earlier reasoning, and name the limit `max_completion_tokens`.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const openai = createOpenAiKind({
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  wires: ['chat', 'responses'],
  write: { maxTokensField: 'max_completion_tokens', cacheControl: false, reasoningHistory: false },
  cannot: ['Chat Completions show no reasoning and take none back; ask for Responses to keep it'],
})
