import { createOpenAiKind } from '../compatible.ts'

/**
 * OpenAI. Chat Completions take neither cache markers nor earlier reasoning, and name the limit
 * `max_completion_tokens`. Usage counts cached input inside the input. Errors: `{error: {message, type, param, code}}`.
 * Sources: https://platform.openai.com/docs/api-reference/chat/create,
 * https://platform.openai.com/docs/guides/error-codes
 */
export const openai = createOpenAiKind({
  name: 'openai',
  write: { maxTokensField: 'max_completion_tokens', developerRole: true },
  cannot: ['Chat Completions show no reasoning and take none back: a caller of Responses keeps it'],
})
