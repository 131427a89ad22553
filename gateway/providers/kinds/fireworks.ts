import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Fireworks. Reasoning comes as `reasoning_content` and may come back. Errors: `{error: {object: "error", type, code, message}}`.
 * Sources: https://docs.fireworks.ai/tools-sdks/openai-compatibility, https://docs.fireworks.ai/api-reference/post-responses
 */
export const fireworks = createOpenAiKind({
  name: 'fireworks',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  wires: ['chat', 'responses'],
  write: { reasoningHistory: true, unsupported: platformSettings.filter((name) => name !== 'user') },
})
