import { createOpenAiKind, platformSettings } from '../compatible.ts'

/**
 * A vLLM server speaks all three dialects. Reasoning comes as `reasoning` (`reasoning_content` before 0.12). Errors:
 * `{error: {message, type, param, code}}` with a number as code; older ones `{object: "error", message, type, param,
 * code}`. Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
export const vllm = createOpenAiKind({
  name: 'vllm',
  countsTokens: true,
  write: { reasoningHistory: true, developerRole: true, unsupported: platformSettings },
  cannot: ['tools only where the server was started with a parser for them'],
})
