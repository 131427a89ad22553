import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Together. Reasoning comes as `reasoning`; a stream's last chunk always has the usage. Errors: `{id, error: {message,
 * type, param, code}}`. Sources: https://docs.together.ai/docs/openai-api-compatibility,
 * https://docs.together.ai/docs/error-codes
 */
export const together = createOpenAiKind({
  name: 'together',
  addsUsage: false,
  write: { unsupported: platformSettings },
  cannot: ['no Responses: they are translated'],
})
