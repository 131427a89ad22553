import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Fireworks speaks all three dialects. Reasoning comes as `reasoning_content` and may come back; a stream's last chunk
 * always has the usage. Errors: `{error: {object: "error", type, code, message}}`. Sources:
 * https://docs.fireworks.ai/tools-sdks/openai-compatibility, https://docs.fireworks.ai/api-reference/post-responses,
 * https://docs.fireworks.ai/api-reference/anthropic-messages
 */
export const fireworks = createOpenAiKind({
  name: 'fireworks',
  addsUsage: false,
  write: { reasoningHistory: true, unsupported: platformSettings.filter((name) => name !== 'user') },
})
