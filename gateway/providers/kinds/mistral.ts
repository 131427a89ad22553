import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Mistral. Unknown members are a 422 here, so what is OpenAI's alone is not written; a stream's last chunk always has
 * the usage. Ids of calls have nine letters and digits. Errors: `{object: "error", message, type, param, code}`, of the
 * validation `{detail: [{loc, msg, type}]}`. Source: https://docs.mistral.ai/api/
 */
export const mistral = createOpenAiKind({
  name: 'mistral',
  addsUsage: false,
  write: { shortCallIds: true, unsupported: [...platformSettings, 'logprobs', 'topLogprobs'] },
  cannot: ['no Responses: they are translated', 'no log probabilities', 'no seed: its word is random_seed'],
})
