import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * DeepSeek, with an endpoint for Anthropic's clients. Reasoning comes as `reasoning_content`, and in a turn that calls
 * tools it must come back. Usage counts cache hits in a member of its own, and is in every stream's last chunk. Errors:
 * `{error: {message, type, param, code}}`. Sources: https://api-docs.deepseek.com/guides/anthropic_api,
 * https://api-docs.deepseek.com/guides/thinking_mode, https://api-docs.deepseek.com/quick_start/error_codes
 */
export const deepseek = createOpenAiKind({
  name: 'deepseek',
  toOtherPath: (path, place) => (path.startsWith('/messages') ? null : place.base.replace(/\/anthropic$/, '') + path),
  write: { reasoningHistory: true, unsupported: platformSettings },
  addsUsage: false,
  cannot: [
    'no images or documents',
    'structured output without a schema only (json_object)',
    'no Responses: they are translated',
    'no counting of tokens',
  ],
})
