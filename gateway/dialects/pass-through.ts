/**
 * Endpoints that are no generation: their bodies are their provider's business. Whose they are is told by the caller,
 * not by a list of endpoints, so that the ones that the vendors add next year pass too.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { messages } from './anthropic.ts'
import { chat } from './openai.ts'
import type { WireFacts } from './wire-facts.ts'

/** Only OpenAI has them, so that a key in `x-api-key` says nothing. */
const openaiOnly =
  /^\/v1\/(?:assistants|audio|chat|completions|containers|conversations|embeddings|evals|fine_tuning|images|moderations|realtime|rerank|responses|threads|uploads|vector_stores|videos)(?:\/|$)/
const anthropicOnly = /^\/v1\/(?:messages|complete)(?:\/|$)/

/** Whose client is calling: its path says so, else the headers that Anthropic's clients send, else it is OpenAI's. */
export function readFamily(path: string, headers: IncomingHttpHeaders): WireFacts {
  if (anthropicOnly.test(path) || headers['anthropic-version'] !== undefined) return messages
  if (openaiOnly.test(path)) return chat
  return headers['x-api-key'] && !headers.authorization ? messages : chat
}

/** `family`'s words for Sinew's own errors; how a stream ends is known of OpenAI's older completions only. */
export function toPassThroughFacts(family: WireFacts, endpoint: string): WireFacts {
  return {
    ...family,
    wire: null,
    endpoint,
    terminal: endpoint === '/v1/completions' ? family.terminal : null,
    judgeUnfinished: () => 'complete',
  }
}
