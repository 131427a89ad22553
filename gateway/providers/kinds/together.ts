import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Together. Reasoning comes as `reasoning`. Errors: `{id, error: {message, type, param, code}}`.
 * Sources: https://docs.together.ai/docs/openai-api-compatibility, https://docs.together.ai/docs/error-codes
 */
export const together = createOpenAiKind({
  name: 'together',
  baseUrl: 'https://api.together.xyz/v1',
  write: { unsupported: platformSettings },
  cannot: ['no Responses: they are translated'],
})
