import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Ollama, which needs no key, speaks all three dialects. Errors: `{error: {message, type, param, code}}`. Sources:
 * https://docs.ollama.com/api/openai-compatibility, https://docs.ollama.com/api/anthropic-compatibility
 */
export const ollama = createOpenAiKind({
  name: 'ollama',
  write: { reasoningHistory: true, unsupported: [...platformSettings, 'parallelTools'] },
  cannot: [
    'tool_choice is not obeyed',
    'Responses and Messages need a version of 2026; wires: [chat] for an older one',
  ],
})
