/** OpenAI's two dialects: error shapes, and how a stream says that it is complete. */
import { factsOf, type Refusal } from './refusals.ts'
import type { WireFacts } from './wire-facts.ts'

export const chat: WireFacts = {
  dialect: 'openai',
  wire: 'chat',
  endpoint: '/v1/chat/completions',
  toErrorBody: (refusal) => JSON.stringify(toError(refusal)),
  // OpenAI's clients take a data event with an `error` member for an error, whatever came before.
  toErrorEvent: (refusal) => `data: ${JSON.stringify(toError(refusal))}\n\n`,
  terminal: { field: 'data', values: ['[DONE]'] },
  judgeUnfinished: (tail) => {
    if (/^data: ?\{\s*"error"/m.test(tail)) return 'error'
    // Some compatible servers never send [DONE]; a finish reason is what they do send.
    return /"finish_reason":\s*"/.test(tail) ? 'complete' : 'unfinished'
  },
}

export const responses: WireFacts = {
  ...chat,
  wire: 'responses',
  endpoint: '/v1/responses',
  // `error` is what its clients throw at; the inner member is for those that look for it wherever it stands.
  toErrorEvent: (refusal) => {
    const { error } = toError(refusal)
    return `event: error\ndata: ${JSON.stringify({ type: 'error', code: error.code, message: error.message, param: error.param, error })}\n\n`
  },
  terminal: { field: 'event', values: ['response.completed', 'response.incomplete'] },
  judgeUnfinished: (tail) => {
    if (
      /^event: ?(?:error|response\.failed)/m.test(tail) ||
      /^data: ?\{"type": ?"(?:error|response\.failed)"/m.test(tail)
    )
      return 'error'
    // Some compatible servers name the event in its data only.
    return /^data: ?\{"type": ?"response\.(?:completed|incomplete)"/m.test(tail) ? 'complete' : 'unfinished'
  },
}

function toError({ code, message, param }: Refusal): {
  error: { message: string; type: string; param: string | null; code: string | null }
} {
  const { type, code: openaiCode } = factsOf(code).openai
  return { error: { message, type, param, code: openaiCode } }
}
