import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * Cerebras. Reasoning comes as `reasoning`; `time_info` beside the usage, both in every stream's last chunk. Errors:
 * `{message, type, param, code}` without an object around them. Sources:
 * https://inference-docs.cerebras.ai/api-reference/chat-completions, https://inference-docs.cerebras.ai/support/error
 */
export const cerebras = createOpenAiKind({
  name: 'cerebras',
  addsUsage: false,
  write: { maxTokensField: 'max_completion_tokens', unsupported: platformSettings.filter((name) => name !== 'user') },
  cannot: ['no Responses: they are translated', 'no embeddings, pictures or speech'],
})
