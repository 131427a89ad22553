import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Perplexity's Sonar. Every chunk of a stream has the usage so far, and sources stand beside the choices (`citations`,
 * `search_results`). Errors: `{error: {message, type, code}}` with a number as code. Source:
 * https://docs.perplexity.ai/api-reference/chat-completions-post
 */
export const perplexity = createOpenAiKind({
  name: 'perplexity',
  addsUsage: false,
  write: { unsupported: [...platformSettings, 'seed', 'parallelTools', 'logprobs', 'topLogprobs'] },
  cannot: [
    'no Responses: they are translated',
    'no log probabilities, no seed',
    'search results are named as dropped where the caller speaks another dialect',
  ],
})
