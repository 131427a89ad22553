/**
 * A conversation that is too long for its model. Clients shorten it when they are told so in the words that they look
 * for: OpenAI's in a code, Anthropic's in the message.
 */
import type { WireError } from './model.ts'

const code = 'context_length_exceeded'
const anthropicWords = 'prompt is too long'

/** As Anthropic, OpenAI and vLLM, Gemini, Bedrock, llama.cpp, Cohere, xAI, Groq and others say it. */
const sayings: readonly RegExp[] = [
  /prompt is too long/i,
  /maximum context length/i,
  /input token count.*exceeds/i,
  /input is too long/i,
  /exceeds?.*(?:context (?:length|size|window)|context limit)/i,
  /context (?:length|size|window|limit).*(?:exceeded|exceeds|too (?:long|small))/i,
  /too many tokens/i,
  /exceed_context_size/i,
  /maximum prompt length is \d/i,
  /reduce the length of the (?:messages|prompt|input)/i,
]

/** The same error under the code that says so. */
export function withContextLimit(error: WireError): WireError {
  if (error.code === code) return error
  if (error.status !== undefined && error.status !== 400 && error.status !== 413 && error.status !== 422) return error
  const isLimit = sayings.some((saying) => saying.test(error.message)) || error.type === 'exceed_context_size_error'
  return isLimit ? { ...error, type: 'invalid_request_error', code } : error
}

/** The message for Anthropic's clients; what the provider said stands behind their words. */
export function toAnthropicMessage({ code: stated, message }: WireError): string {
  if (stated !== code || message.toLowerCase().includes(anthropicWords)) return message
  const numbers = [...message.matchAll(/\d{3,}/g)].map(([digits]) => Number(digits))
  const [limit, used] = [Math.min(...numbers), Math.max(...numbers)]
  const counts = numbers.length > 1 && used > limit ? `: ${used} tokens > ${limit} maximum` : ''
  return `${anthropicWords}${counts}\n${message}`
}
