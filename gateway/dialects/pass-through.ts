/**
 * Endpoints that are no generation: their bodies are their provider's business, and pass untouched. Which there are,
 * and of which dialect; anything else is a typing error that is better told than sent.
 */
import { messages } from './anthropic.ts'
import type { WireFacts } from './wire-facts.ts'
import { chat } from './openai.ts'

/** What stands behind `/v1`, as the dialect's official client writes it. */
const openaiPaths =
  /^\/(?:completions|embeddings|moderations|rerank|images|audio|videos|files|uploads|batches|fine_tuning|responses|chat\/completions|conversations|vector_stores|assistants|threads|containers|evals|realtime|organization|skills)(?:\/|$)/
const anthropicPaths = /^\/(?:messages|complete|files|batches|skills|organizations)(?:\/|$)/

/** `null` = neither dialect has such an endpoint. `path`: without its query, beginning with `/v1/`. */
export function readPassThrough(path: string, anthropicVersion: boolean): { rules: WireFacts; path: string } | null {
  if (!path.startsWith('/v1/')) return null
  const rest = path.slice(3)
  if (rest.startsWith('/messages')) return { rules: toPassThroughRules(messages, path), path: rest }
  if (anthropicVersion)
    return anthropicPaths.test(rest) ? { rules: toPassThroughRules(messages, path), path: rest } : null
  return openaiPaths.test(rest) ? { rules: toPassThroughRules(chat, path), path: rest } : null
}

/** `dialect`'s words for Sinew's own errors; how a stream ends is known of OpenAI's older completions only. */
export function toPassThroughRules(dialect: WireFacts, endpoint: string): WireFacts {
  return {
    ...dialect,
    wire: null,
    endpoint,
    terminal: endpoint === '/v1/completions' ? dialect.terminal : null,
    judgeUnfinished: () => 'complete',
  }
}
