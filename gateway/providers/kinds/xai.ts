import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * xAI. Reasoning is counted beside the answer in chat. Errors: `{code: "words", error: "words"}`. Source:
 * https://docs.x.ai/docs/api-reference
 */
export const xai = createOpenAiKind({
  name: 'xai',
  write: { unsupported: platformSettings.filter((name) => name !== 'user') },
  cannot: ['its reasoning models refuse stop sequences and penalties'],
})
