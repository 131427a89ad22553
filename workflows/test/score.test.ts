import { describe, expect, test } from 'vitest'
import type { ExchangeStatus } from '../../db/types.ts'
import { judgeExchange } from '../domain/judge.ts'
import { scoreExchange, type AnswerFacts, type ExchangeFacts } from '../domain/score.ts'
import { wireOf } from '../domain/wire.ts'

const answer = (facts: Partial<AnswerFacts> = {}): AnswerFacts => ({ hasText: true, hasToolCalls: false, refusal: false, stopReason: 'stop', cut: false, ...facts })
const facts = (more: Partial<ExchangeFacts> = {}): ExchangeFacts => ({ status: 'ok', httpStatus: 200, errorCode: null, answer: answer(), ...more })

describe('an exchange is judged by its status and its answer', () => {
  test.each<[string, ExchangeFacts, string, string | null]>([
    ['text', facts(), 'success', null],
    ['tool calls without a text', facts({ answer: answer({ hasText: false, hasToolCalls: true, stopReason: 'tool_calls' }) }), 'success', null],
    ['a refusal', facts({ answer: answer({ refusal: true }) }), 'failure', 'refusal'],
    ['an empty answer', facts({ answer: answer({ hasText: false }) }), 'failure', 'empty answer'],
    ["cut by OpenAI's length", facts({ answer: answer({ stopReason: 'length' }) }), 'failure', 'cut at the length limit'],
    ["cut by Anthropic's max_tokens", facts({ answer: answer({ stopReason: 'max_tokens' }) }), 'failure', 'cut at the length limit'],
    ["cut by the Responses format's limit", facts({ answer: answer({ stopReason: 'max_output_tokens' }) }), 'failure', 'cut at the length limit'],
    ['a response that failed', facts({ answer: answer({ stopReason: 'failed' }) }), 'none', 'the provider reported an error'],
    ['a response that is made in the background', facts({ answer: answer({ hasText: false, stopReason: 'queued' }) }), 'none', 'the provider goes on with it in the background'],
    ["an upstream's 400", facts({ status: 'error', httpStatus: 400 }), 'failure', 'the provider answered 400'],
    ["an upstream's 422", facts({ status: 'error', httpStatus: 422 }), 'failure', 'the provider answered 422'],
    ['a 429', facts({ status: 'error', httpStatus: 429 }), 'none', 'the provider answered 429'],
    ['a 500', facts({ status: 'error', httpStatus: 500 }), 'none', 'the provider answered 500'],
    ['an overload', facts({ status: 'error', httpStatus: 529 }), 'none', 'the provider answered 529'],
    ["an upstream's 401", facts({ status: 'error', httpStatus: 401 }), 'none', 'the provider answered 401'],
    ['an error inside a stream', facts({ status: 'error', httpStatus: 200 }), 'none', 'the provider reported an error'],
    ["Sinew's own 400", facts({ status: 'error', httpStatus: 400, errorCode: 'invalid_request' }), 'none', 'answered by Sinew itself: invalid_request'],
    ["Sinew's own timeout", facts({ status: 'error', httpStatus: 504, errorCode: 'upstream_timeout' }), 'none', 'answered by Sinew itself: upstream_timeout'],
    ['a caller that left before the answer', facts({ status: 'cancelled', httpStatus: null, answer: null }), 'none', 'the caller left'],
    ['an answer too big to be kept whole', facts({ answer: answer({ hasText: false, cut: true }) }), 'none', 'too big to be read'],
  ])('%s', (_, input, verdict, reason) => expect(scoreExchange(input)).toEqual({ verdict, reason }))

  test.each<[Partial<ExchangeFacts>, string]>([
    [{}, 'success'], [{ httpStatus: 204, answer: null }, 'success'], [{ status: 'error', httpStatus: 400 }, 'failure'], [{ status: 'error', httpStatus: 503 }, 'none'], [{ status: 'cancelled' }, 'none'],
  ])('a call that passes through is judged by its status alone, and has no pattern: %o', (given, verdict) => {
    const prompt = { messages: [{ role: 'user', content: 'Hello there' }], input: 'Hello there' }
    expect(judgeExchange(wireOf('/v1/embeddings'), prompt, facts({ answer: answer({ hasText: false }), ...given }))).toMatchObject({ verdict, pattern: null })
  })

  test.each<ExchangeStatus>(['cancelled', 'truncated', 'unknown'])('%s never gets a verdict, whatever came before', (status) => {
    for (const given of [answer(), answer({ refusal: true }), answer({ hasText: false }), null]) {
      expect(scoreExchange(facts({ status, answer: given })).verdict).toBe('none')
    }
  })
})
