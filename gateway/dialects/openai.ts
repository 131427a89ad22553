/** OpenAI Chat Completions: paths, error shapes, and how a stream says that it is complete. */
import { factsOf, type Refusal } from '../errors.ts'
import type { DialectRules } from './dialect.ts'

export const openai: DialectRules = {
  dialect: 'openai',
  endpoint: '/v1/chat/completions',
  upstreamPath: '/chat/completions',
  toCredentials: (apiKey) => ['authorization', `Bearer ${apiKey}`],
  toErrorBody: (refusal) => JSON.stringify(toError(refusal)),
  // OpenAI's clients take a data event with an `error` member for an error, whatever came before.
  toErrorEvent: (refusal) => `data: ${JSON.stringify(toError(refusal))}\n\n`,
  readEndUser: (body) => (typeof body.user === 'string' ? body.user : null),
  terminal: { field: 'data', value: '[DONE]' },
  judgeUnfinished: (tail) => {
    if (/^data: ?\{\s*"error"/m.test(tail)) return 'error'
    // Some compatible servers never send [DONE]; a finish reason is what they do send.
    return /"finish_reason":\s*"/.test(tail) ? 'complete' : 'unfinished'
  },
}

function toError({ code, message, param }: Refusal): object {
  const { type, code: openaiCode } = factsOf(code).openai
  return { error: { message, type, param, code: openaiCode } }
}
