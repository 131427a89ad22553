import { createAnthropicKind } from '../compatible.ts'

/**
 * Anthropic. A limit must be said, and models differ in how much they may write and in how thinking is asked for.
 * Sources: https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking
 */
export const anthropic = createAnthropicKind({
  name: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  cannot: ['no logprobs, seeds or penalties', 'no embeddings, images or audio'],
})
