import { createAnthropicKind, writeForClaude } from '../compatible.ts'

/**
 * Anthropic. A limit must be said, and generations of models differ in how thinking is asked for. Usage counts cached
 * input beside fresh input. Errors: `{type: "error", error: {type, message}}`. Sources:
 * https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/api/errors
 */
export const anthropic = createAnthropicKind({
  name: 'anthropic',
  writeFor: writeForClaude,
  cannot: ['no log probabilities, seeds or penalties', 'no embeddings, speech or pictures'],
})
