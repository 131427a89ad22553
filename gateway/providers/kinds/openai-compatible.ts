import { createOpenAiKind } from '../compatible.ts'

/**
 * Any server that speaks OpenAI's dialect. Responses are sent as Responses, because a server of one's own may be
 * anything; where it knows only chat, `wires: [chat]` says so. Markers and earlier reasoning are written: what such a
 * server does not know it ignores, or says so.
 */
export const openaiCompatible = createOpenAiKind({
  name: 'openai-compatible',
  addsUsage: 'unproven',
  write: { cacheControl: true, reasoningHistory: true, developerRole: true },
})
