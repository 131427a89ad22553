import { createOpenAiKind } from '../compatible.ts'

/**
 * Any server that speaks OpenAI's dialect. Responses are sent as Responses, because a server of one's own may be anything;
 * where it knows only chat, `wires: [chat]` says so.
 */
export const openaiCompatible = createOpenAiKind({
  name: 'openai-compatible',
  baseUrl: null,
  wires: ['chat', 'responses'],
  // What a server does not know it ignores, or says so; a marker or a thought left out would be lost in silence.
  write: { cacheControl: true, reasoningHistory: true },
})
