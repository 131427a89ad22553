import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Cohere by its compatibility API. It names the settings that it does not support; they are not written. A stream's last
 * chunks have the usage where it was asked for. Errors: `{id, message}`.
 * Sources: https://docs.cohere.com/docs/compatibility-api, https://docs.cohere.com/reference/errors
 */
export const cohere = createOpenAiKind({
  name: 'cohere',
  baseUrl: 'https://api.cohere.ai/compatibility/v1',
  write: { developerRole: true, unsupported: [...platformSettings, 'parallelTools', 'topLogprobs'] },
  cannot: ['no parallel_tool_calls, top_logprobs, logit_bias or n', 'no Responses: they are translated'],
})
