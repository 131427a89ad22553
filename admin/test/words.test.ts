/** What pages call things: true reasons, plain words, no identifiers. */
import { expect, test } from 'vitest'
import { describeCost, describeNumbers } from '../data/words.ts'

const usage = { inputTokens: 12, outputTokens: 3, cachedInputTokens: null, reasoningTokens: null }

test.each([
  ['the exact cost', { costUsd: 0.0000013, usage, model: 'm' }, '0.0000013 USD'],
  ['unknown tokens', { costUsd: null, usage: null, model: 'm' }, 'the provider did not tell the tokens'],
  [
    'half of the tokens',
    { costUsd: null, usage: { ...usage, outputTokens: null }, model: 'm' },
    'the provider did not tell the tokens',
  ],
  ['an unknown price', { costUsd: null, usage, model: 'm' }, 'no price is known for this model'],
  ['nothing sent', { costUsd: null, usage: null, model: null }, 'nothing was sent'],
] as const)('a cost says what is true: %s', (_, exchange, words) => {
  expect(describeCost(exchange)).toContain(words)
})

test('the numbers of a log have words and units', () => {
  const text = describeNumbers({
    guardrail: 'mean_cost',
    pairs: 510,
    logE: 13.0234,
    limit: 2.9957,
    ranMs: 34_570,
    halfWidth: 0.23812,
    costP95Usd: null,
  })
  expect(text).toBe('pairs 510 · evidence 13.02 · evidence needed 2.996 · ran for 35 s · give or take 0.2381')
})
