/** Anthropic Messages: error shapes, and how a stream says that it is complete. */
import { factsOf, type Refusal } from './refusals.ts'
import type { WireFacts } from './wire-facts.ts'

export const messages: WireFacts = {
  dialect: 'anthropic',
  wire: 'messages',
  endpoint: '/v1/messages',
  toErrorBody: (refusal, exchangeId) => JSON.stringify(toError(refusal, exchangeId)),
  toErrorEvent: (refusal, exchangeId) => `event: error\ndata: ${JSON.stringify(toError(refusal, exchangeId))}\n\n`,
  terminal: { field: 'event', values: ['message_stop'] },
  judgeUnfinished: (tail) => {
    if (/^event: ?error/m.test(tail) || /^data: ?\{"type": ?"error"/m.test(tail)) return 'error'
    // Some servers end after the stop reason, without `message_stop`.
    return /^data: ?\{.*"message_delta".*"stop_reason": ?"/m.test(tail) ? 'complete' : 'unfinished'
  },
}

/** This dialect has no member for the field at fault; its own messages begin with the field's name. */
function toError({ code, message, param, details }: Refusal, exchangeId: string | null): object {
  return {
    type: 'error',
    error: { type: factsOf(code).anthropic.type, message: param === null ? message : `${param}: ${message}`, details },
    request_id: exchangeId,
  }
}
