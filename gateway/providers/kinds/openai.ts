import { createOpenAiKind } from '../compatible.ts'

/**
 * Models whose pages at https://platform.openai.com/docs/models name Responses as their only endpoint for text, and
 * those that name chat only.
 */
const responsesOnly = /^(gpt-[\d.]+|o\d)-pro\b|codex|-deep-research\b|^computer-use/
const chatOnly = /-(audio|search)-preview\b|^gpt-audio|-search-api\b/

/**
 * OpenAI. Chat Completions take neither cache markers nor earlier reasoning, and name the limit
 * `max_completion_tokens`. Usage counts cached input inside the input. Errors: `{error: {message, type, param, code}}`.
 * Sources: https://platform.openai.com/docs/api-reference/chat/create,
 * https://platform.openai.com/docs/guides/error-codes
 */
export const openai = createOpenAiKind({
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  wires: ['chat', 'responses'],
  wiresOf: (model) =>
    responsesOnly.test(model) ? ['responses'] : chatOnly.test(model) ? ['chat'] : ['chat', 'responses'],
  write: { maxTokensField: 'max_completion_tokens', developerRole: true },
  cannot: ['Chat Completions show no reasoning and take none back: a caller of Responses keeps it'],
})
