import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Cohere by its compatibility API. Its documentation lists the settings that it supports, `stream_options` is none of
 * them; no others are written. Errors: `{id, message}`. Sources: https://docs.cohere.com/docs/compatibility-api,
 * https://docs.cohere.com/reference/errors
 */
export const cohere = createOpenAiKind({
  name: 'cohere',
  addsUsage: false,
  write: { developerRole: true, unsupported: [...platformSettings, 'parallelTools', 'logprobs', 'topLogprobs'] },
  cannot: [
    'no parallel_tool_calls, log probabilities, logit_bias or n',
    'reasoning_effort is none or high',
    'a stream may end without its usage',
    'no Responses: they are translated',
  ],
})
