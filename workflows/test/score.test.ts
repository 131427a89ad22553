import { describe, expect, test } from 'vitest'
import type { ExchangeStatus } from '../../db/words/exchange.ts'
import { scoreExchange, type AnswerFacts, type ExchangeFacts } from '../domain/outcomes/score.ts'
import { readRequest } from '../domain/exchanges/reading.ts'
import { wireOf } from '../domain/exchanges/wire.ts'

const answer = (facts: Partial<AnswerFacts> = {}): AnswerFacts => ({
  hasText: true,
  hasToolCalls: false,
  refusal: false,
  stopReason: 'stop',
  cut: false,
  ...facts,
})
const facts = (more: Partial<ExchangeFacts> = {}): ExchangeFacts => ({
  status: 'ok',
  httpStatus: 200,
  errorCode: null,
  answer: answer(),
  ...more,
})

describe('an exchange is judged by its status and its answer', () => {
  test.each<[string, ExchangeFacts, string, string | null]>([
    ['text', facts(), 'success', null],
    [
      'tool calls without a text',
      facts({ answer: answer({ hasText: false, hasToolCalls: true, stopReason: 'tool_calls' }) }),
      'success',
      null,
    ],
    ['a refusal', facts({ answer: answer({ refusal: true }) }), 'failure', 'the model or its provider declined'],
    ['an empty answer', facts({ answer: answer({ hasText: false }) }), 'failure', 'empty answer'],
    [
      "cut by OpenAI's length",
      facts({ answer: answer({ stopReason: 'length' }) }),
      'failure',
      'cut at the length limit',
    ],
    [
      "cut by Anthropic's max_tokens",
      facts({ answer: answer({ stopReason: 'max_tokens' }) }),
      'failure',
      'cut at the length limit',
    ],
    [
      "cut by the Responses format's limit",
      facts({ answer: answer({ stopReason: 'max_output_tokens' }) }),
      'failure',
      'cut at the length limit',
    ],
    [
      'a response that failed',
      facts({ answer: answer({ stopReason: 'failed' }) }),
      'none',
      'the provider reported an error',
    ],
    [
      'a response that is made in the background',
      facts({ answer: answer({ hasText: false, stopReason: 'queued' }) }),
      'none',
      'the provider goes on with it in the background',
    ],
    ["an upstream's 400", facts({ status: 'error', httpStatus: 400 }), 'none', 'the provider answered 400'],
    ["an upstream's 422", facts({ status: 'error', httpStatus: 422 }), 'none', 'the provider answered 422'],
    ['a 429', facts({ status: 'error', httpStatus: 429 }), 'none', 'the provider answered 429'],
    ['a 500', facts({ status: 'error', httpStatus: 500 }), 'none', 'the provider answered 500'],
    ['an overload', facts({ status: 'error', httpStatus: 529 }), 'none', 'the provider answered 529'],
    ["an upstream's 401", facts({ status: 'error', httpStatus: 401 }), 'none', 'the provider answered 401'],
    ['an error inside a stream', facts({ status: 'error', httpStatus: 200 }), 'none', 'the provider reported an error'],
    [
      "Sinew's own 400",
      facts({ status: 'error', httpStatus: 400, errorCode: 'invalid_request' }),
      'none',
      'answered by Sinew itself: invalid_request',
    ],
    [
      "Sinew's own timeout",
      facts({ status: 'error', httpStatus: 504, errorCode: 'upstream_timeout' }),
      'none',
      'answered by Sinew itself: upstream_timeout',
    ],
    [
      'a caller that left before the answer',
      facts({ status: 'cancelled', httpStatus: null, answer: null }),
      'none',
      'the caller left',
    ],
    [
      'an answer too big to be kept whole',
      facts({ answer: answer({ hasText: false, cut: true }) }),
      'none',
      'too big to be read',
    ],
  ])('%s', (_, input, verdict, reason) => expect(scoreExchange(input)).toMatchObject({ verdict, reason }))

  test.each<[Partial<ExchangeFacts>, string]>([
    [{}, 'success'],
    [{ httpStatus: 204, answer: null }, 'success'],
    [{ status: 'error', httpStatus: 400 }, 'none'],
    [{ status: 'error', httpStatus: 503 }, 'none'],
    [{ status: 'cancelled' }, 'none'],
  ])('a call that passes through is judged by its status alone, and has no pattern: %o', (given, verdict) => {
    const opaque = wireOf('/v1/embeddings') === null
    expect(scoreExchange(facts({ opaque, answer: answer({ hasText: false }), ...given }))).toMatchObject({ verdict })
    expect(readRequest(wireOf('/v1/embeddings'), { input: 'Hello there' })).toBeNull()
  })

  test.each<ExchangeStatus>(['cancelled', 'truncated', 'unknown'])(
    '%s never gets a verdict, whatever came before',
    (status) => {
      for (const given of [answer(), answer({ refusal: true }), answer({ hasText: false }), null]) {
        expect(scoreExchange(facts({ status, answer: given })).verdict).toBe('none')
      }
    },
  )
})

describe('the score', () => {
  test('is 1 for what worked, below one half for every failure, and says why', () => {
    expect(scoreExchange(facts())).toEqual({
      verdict: 'success',
      score: 1,
      confidence: expect.any(Number),
      reason: null,
      reasons: [],
      ownVerdict: 'success',
    })
    for (const failed of [
      facts({ answer: answer({ refusal: true }) }),
      facts({ answer: answer({ hasText: false }) }),
      facts({ answer: answer({ stopReason: 'length' }) }),
      facts({ status: 'error', httpStatus: 400, failure: { code: 'content_filter', message: '' } }),
    ]) {
      const { score, reasons } = scoreExchange(failed)
      expect(score).toBeLessThan(0.5)
      expect(reasons).toHaveLength(1)
    }
  })

  test('of a caller that left tells whether an answer had begun, without a verdict', () => {
    expect(scoreExchange(facts({ status: 'cancelled' }))).toMatchObject({
      verdict: 'none',
      score: 0.4,
      reasons: [{ code: 'cancelled' }],
    })
    expect(scoreExchange(facts({ status: 'cancelled', answer: null }))).toMatchObject({ verdict: 'none', score: null })
  })

  test('is that of the worst fault, and all of them are told', () => {
    const faults = [
      { code: 'schema_violation' as const, message: 'a' },
      { code: 'unknown_tool' as const, message: 'b' },
    ]
    expect(scoreExchange(facts({ faults, nextTurn: 'asked_again' }))).toEqual({
      verdict: 'failure',
      ownVerdict: 'failure',
      confidence: expect.any(Number),
      score: 0.1,
      reason: 'b',
      reasons: [
        { code: 'unknown_tool', message: 'b' },
        { code: 'schema_violation', message: 'a' },
        { code: 'asked_again', message: 'asked again in other words' },
      ],
    })
  })

  test('is not lowered further where there is no verdict or it has failed already', () => {
    expect(scoreExchange(facts({ status: 'error', httpStatus: 500, nextTurn: 'asked_again' }))).toMatchObject({
      verdict: 'none',
      score: null,
    })
    expect(scoreExchange(facts({ answer: answer({ refusal: true }), nextTurn: 'asked_again' })).reasons).toHaveLength(1)
  })

  test('follows a judge only downwards to a failure', () => {
    expect(scoreExchange(facts({ judgement: { score: 0.2, reason: 'off topic' } }))).toMatchObject({
      verdict: 'failure',
      score: 0.2,
      reason: 'judged: off topic',
    })
    expect(scoreExchange(facts({ judgement: { score: 0.9, reason: 'fine' } }))).toMatchObject({
      verdict: 'success',
      score: 0.9,
      reason: null,
    })
  })
})

describe('where the rules are not sure', () => {
  const open = (confidence: number) => ({ code: 'open_place' as const, message: 'left open', confidence })
  const judgement = { score: 0.9, reason: 'fine' }

  test('a fault they doubt is no failure, makes the success unsure and is told', () =>
    expect(scoreExchange(facts({ faults: [open(0.3)] }))).toMatchObject({
      verdict: 'success',
      confidence: 0.55,
      reasons: [{ code: 'unsure', message: 'perhaps not: left open' }],
    }))

  test('the judge may raise a failure, but none that they are sure of', () => {
    expect(scoreExchange(facts({ faults: [open(0.6)], judgement }))).toMatchObject({
      verdict: 'success',
      ownVerdict: 'failure',
    })
    expect(scoreExchange(facts({ faults: [open(0.9)], judgement })).verdict).toBe('failure')
  })

  test('thanks count for more than a fault they only suspect', () => {
    expect(scoreExchange(facts({ faults: [open(0.8)], nextTurn: 'thanked' })).verdict).toBe('success')
    expect(scoreExchange(facts({ faults: [open(0.8)], nextTurn: 'went_on' })).verdict).toBe('failure')
  })
})

describe('feedback decides', () => {
  const said = (value: boolean | number | string, more: object = {}) => ({
    metric: 'success',
    value,
    keyName: 'demo',
    givenAt: '2026-01-01T00:00:00Z',
    ...more,
  })

  test('whatever was seen, and keeps what was seen among the reasons', () => {
    expect(scoreExchange(facts({ feedback: [said(false)] }))).toMatchObject({
      verdict: 'failure',
      score: 0,
      reason: 'feedback: it did not work',
    })
    expect(scoreExchange(facts({ answer: answer({ refusal: true }), feedback: [said(true)] }))).toEqual({
      verdict: 'success',
      ownVerdict: 'failure',
      confidence: 1,
      score: 1,
      reason: null,
      reasons: [
        { code: 'feedback', message: 'feedback: it worked' },
        { code: 'refusal', message: 'the model or its provider declined' },
      ],
    })
    expect(scoreExchange(facts({ status: 'cancelled', feedback: [said(0.2)] }))).toMatchObject({
      verdict: 'failure',
      score: 0.2,
    })
  })

  test('by words that mean yes or no, and not by metrics or labels that say something else', () => {
    expect(scoreExchange(facts({ feedback: [said('thumbs_down', { metric: 'Rating' })] })).verdict).toBe('failure')
    expect(scoreExchange(facts({ feedback: [said(0, { metric: 'latency' })] }))).toMatchObject({
      verdict: 'success',
      score: 1,
    })
    expect(scoreExchange(facts({ feedback: [said('purple')] }))).toMatchObject({ verdict: 'success', score: 1 })
  })

  test('with one voice a key, however often it speaks, and the later word of it', () => {
    const loud = Array.from({ length: 50 }, (_, index) =>
      said(false, { givenAt: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z` }),
    )
    expect(scoreExchange(facts({ feedback: [...loud, said(true, { keyName: 'other' })] })).score).toBe(0.5)
    expect(
      scoreExchange(facts({ feedback: [said(false), said(true, { givenAt: '2026-01-02T00:00:00Z' })] })).score,
    ).toBe(1)
  })
})
