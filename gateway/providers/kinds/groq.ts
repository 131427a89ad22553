import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Groq. Reasoning comes as `reasoning`; a stream's last chunk always has the usage. Errors: `{error: {message, type,
 * code}}`, with `failed_generation` where a tool call was malformed. Sources: https://console.groq.com/docs/openai,
 * https://console.groq.com/docs/errors
 */
export const groq = createOpenAiKind({
  name: 'groq',
  addsUsage: false,
  write: { unsupported: [...platformSettings.filter((name) => name !== 'user'), 'logprobs', 'topLogprobs'] },
  cannot: [
    'its beta of Responses knows no include, store or prompt_cache_key, so Responses are translated',
    'no log probabilities',
  ],
})
