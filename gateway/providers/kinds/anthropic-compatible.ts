import { createAnthropicKind, writeForClaude } from '../compatible.ts'

/** Any server that speaks Anthropic's dialect. */
export const anthropicCompatible = createAnthropicKind({
  name: 'anthropic-compatible',
  writeFor: writeForClaude,
})
