import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { createBodies } from '../../db/repositories/exchanges/ingest-rows.ts'
import { foldEntries } from '../learner/shipping/fold.ts'
import { toResponseRow } from '../learner/shipping/record.ts'
import { toIntent, toOutcome } from './journal-input.ts'

const at = { segment: 1, offset: 0 }
const foldOne = (input: Parameters<typeof toIntent>[1] = {}) => {
  const id = v7()
  return foldEntries(
    [toIntent(id, input), toOutcome(id, input)].map((entry) => ({ entry, at })),
    () => null,
  ).folds[0]!
}
const facts = { endpoint: '/v1/chat/completions', stream: false, provider: 'mock', model: 'gpt-4o' }

describe('a price', () => {
  const cost = (endpoint: string, usage: object) =>
    toResponseRow(
      foldOne({ response: JSON.stringify({ usage }) }).outcome!,
      { ...facts, endpoint },
      { 'gpt-4o': { input: 1, cachedInput: 0.5, output: 10 } },
      createBodies(),
    ).cost_usd

  test('counts cached tokens as a part of the input, on every wire', () => {
    expect(
      cost('/v1/responses', { input_tokens: 10, output_tokens: 1, input_tokens_details: { cached_tokens: 4 } }),
    ).toBeCloseTo((6 + 2 + 10) / 1e6)
    expect(cost('/v1/messages', { input_tokens: 6, output_tokens: 1, cache_read_input_tokens: 4 })).toBeCloseTo(
      (6 + 2 + 10) / 1e6,
    )
  })

  const claude = {
    input_tokens: 10,
    cache_read_input_tokens: 1000,
    cache_creation_input_tokens: 500,
    output_tokens: 40,
  }
  const byAge = { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 }
  const pay = (usage: object, more: object = {}, endpoint = '/v1/messages') =>
    toResponseRow(
      foldOne({ response: JSON.stringify({ usage }) }).outcome!,
      { ...facts, endpoint },
      { 'gpt-4o': { input: 3, output: 15, cachedInput: 0.3, ...more } },
      createBodies(),
    )

  test('counts what is written to the cache by how long it stays, by the price it has or by Anthropic’s', () => {
    const row = pay({ ...claude, cache_creation: byAge })
    expect(row.usage).toEqual({
      inputTokens: 1510,
      outputTokens: 40,
      cachedInputTokens: 1000,
      cacheWrite5mTokens: 200,
      cacheWrite1hTokens: 300,
      reasoningTokens: null,
    })
    expect(row.cost_usd).toBeCloseTo(0.00348, 8)
    expect(pay(claude).cost_usd).toBeCloseTo((30 + 300 + 500 * 3.75 + 600) / 1e6, 8)
    expect(pay({ ...claude, cache_creation: byAge }, { cacheWrite5m: 1, cacheWrite1h: 2 }).cost_usd).toBeCloseTo(
      (30 + 300 + 200 + 600 + 600) / 1e6,
      8,
    )
  })

  test('of a stream counts what is written to the cache', () => {
    const events = [
      { type: 'message_start', message: { usage: { ...claude, output_tokens: 1, cache_creation: byAge } } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } },
    ]
    const row = toResponseRow(
      foldOne({
        response: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
        outcome: { headers: [['content-type', 'text/event-stream']] },
      }).outcome!,
      { ...facts, endpoint: '/v1/messages' },
      { 'gpt-4o': { input: 3, output: 15, cachedInput: 0.3 } },
      createBodies(),
    )
    expect(row.cost_usd).toBeCloseTo(0.00348, 8)
  })

  test('is for parts that are never more than the whole', () => {
    const details = { cached_tokens: 2161, cache_write_tokens: 2161 }
    const usage = { inputTokens: 2168, cachedInputTokens: 2161, cacheWrite5mTokens: 7 }
    expect(
      pay({ prompt_tokens: 2168, completion_tokens: 5, prompt_tokens_details: details }, {}, '/v1/chat/completions')
        .usage,
    ).toMatchObject(usage)
    expect(
      pay({ input_tokens: 2168, output_tokens: 5, input_tokens_details: details }, {}, '/v1/responses').usage,
    ).toMatchObject(usage)
    expect(pay({ ...claude, cache_creation_input_tokens: 100, cache_creation: byAge }).usage).toMatchObject({
      inputTokens: 1110,
      cacheWrite1hTokens: 100,
    })
  })

  test('of an answer that was translated is counted by what its upstream stated', () => {
    const outcome = { usage: { inputTokens: 10, outputTokens: 1, cachedInputTokens: 4, reasoningTokens: null } }
    const row = toResponseRow(
      foldOne({ outcome, response: '{}' }).outcome!,
      { ...facts, endpoint: '/v1/messages' },
      { 'gpt-4o': { input: 1, cachedInput: 0.5, output: 10 } },
      createBodies(),
    )
    expect(row).toMatchObject({ usage: outcome.usage, input_tokens: 10 })
    expect(row.cost_usd).toBeCloseTo((6 + 2 + 10) / 1e6)
  })

  test("of a translated answer whose upstream stated no usage is unknown, whatever its caller's dialect has in that place", () => {
    const response = JSON.stringify({ type: 'message', content: [], usage: { input_tokens: 0, output_tokens: 0 } })
    const row = toResponseRow(
      foldOne({ outcome: { usage: null }, response }).outcome!,
      { ...facts, endpoint: '/v1/messages' },
      { 'gpt-4o': { input: 1, output: 10 } },
      createBodies(),
    )
    expect(row).toMatchObject({ usage: null, input_tokens: null, cost_usd: null })
  })

  test('of an embedding is that of its input; a generation without a count of what it wrote has none', () => {
    expect(cost('/v1/embeddings', { prompt_tokens: 8, total_tokens: 8 })).toBeCloseTo(8 / 1e6)
    expect(cost('/v1/chat/completions', { prompt_tokens: 8 })).toBeNull()
  })
})
