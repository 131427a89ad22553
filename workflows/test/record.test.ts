import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { createBodies } from '../../db/repositories/exchanges/ingest-rows.ts'
import { toJsonb } from '../../db/repositories/jsonb.ts'
import { decodeRecorded } from '../../db/journal/content-encoding.ts'
import { toSearchable } from '../domain/exchanges/conversation.ts'
import { foldEntries } from '../learner/shipping/fold.ts'
import { decideEnding } from '../domain/exchanges/ending.ts'
import { readOutcome, toOutcomeRow, toRequestRow, toResponseRow } from '../learner/shipping/record.ts'
import { chat, completion, toIntent, toOutcome } from './journal-input.ts'

const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex')
const at = { segment: 1, offset: 0 }
const foldOne = (input: Parameters<typeof toIntent>[1] = {}) => {
  const id = v7()
  return foldEntries(
    [toIntent(id, input), toOutcome(id, input)].map((entry) => ({ entry, at })),
    () => null,
  ).folds[0]!
}
const facts = { endpoint: '/v1/chat/completions', stream: false, provider: 'mock', model: 'gpt-4o' }

describe('a request row', () => {
  test('the digest of what was sent is that of the original where nothing was changed', () => {
    const request = chat('hello')
    const row = toRequestRow(foldOne({ request }).intent!, createBodies())
    expect(row).toMatchObject({ request_digest: sha256(request), sent_digest: sha256(request), sent: null })
    const changed = toRequestRow(foldOne({ request, sent: 'other' }).intent!, createBodies())
    expect(changed).toMatchObject({ request_digest: sha256(request), sent_digest: sha256('other') })
  })

  test.each([
    ['claude-cli/2.1.0 (external, cli)', 'claude-cli/2.1.0'],
    ['OpenAI/Python 1.99.0', 'OpenAI/Python'],
    ['curl', 'curl'],
    ['(nothing)', null],
    ['x'.repeat(5_000), 'x'.repeat(64)],
  ])('names the program that called: %.40s', (agent, client) => {
    const intent = { headers: [['user-agent', agent]] as [string, string][] }
    expect(toRequestRow(foldOne({ intent }).intent!, createBodies()).client).toBe(client)
    expect(toRequestRow(foldOne().intent!, createBodies()).client).toBeNull()
  })

  test.each<[string, [string, string][], string | null]>([
    [
      'W3C',
      [['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']],
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ],
    [
      'a later version',
      [['traceparent', '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more']],
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ],
    ['Portkey', [['x-portkey-trace-id', 'checkout-42']], 'checkout-42'],
    [
      'both',
      [
        ['x-portkey-trace-id', 'checkout-42'],
        ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
      ],
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ],
    ['an id of zeros', [['traceparent', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]], null],
    ['a version that is none', [['traceparent', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']], null],
    ['something else', [['traceparent', 'hello']], null],
    ['nothing', [], null],
  ])("names the caller's trace: %s", (_, headers, traceId) => {
    expect(toRequestRow(foldOne({ intent: { headers } }).intent!, createBodies()).trace_id).toBe(traceId)
  })

  test("says what the names of the client's tools had in front at the provider", () => {
    expect(
      toRequestRow(foldOne({ intent: { namespacePrefix: 'acme' } }).intent!, createBodies()).namespace_prefix,
    ).toBe('acme')
    expect(toRequestRow(foldOne().intent!, createBodies()).namespace_prefix).toBeNull()
  })

  test('what is searched is read by the wire format; a call that passes through keeps its bytes alone', () => {
    const request = JSON.stringify({
      model: 'm',
      instructions: 'Be kind.',
      input: 'Hi',
      tools: [{ type: 'function', name: 'f' }],
      temperature: 0,
    })
    const row = (endpoint: string) => toRequestRow(foldOne({ request, intent: { endpoint } }).intent!, createBodies())
    expect(row('/v1/responses')).toMatchObject({
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      tools: [{ type: 'function', name: 'f' }],
      parameters: { temperature: 0 },
      reading: { structure: 'tools f', system: 'Be kind.', user: 'Hi', latest: 'Hi' },
      opening_hash: expect.any(String) as string,
    })
    expect(row('/v1/embeddings')).toMatchObject({
      messages: null,
      tools: null,
      parameters: null,
      session_key: null,
      reading: null,
    })
  })

  test('a body that was too big to be kept has no digest and nothing derived', () => {
    const row = toRequestRow(foldOne({ request: '', intent: { requestBytes: 99_000_000 } }).intent!, createBodies())
    expect(row).toMatchObject({ request_digest: null, original: null, messages: null })
  })
})

describe('a response row', () => {
  test.each<[string, (body: string) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('an answer in %s is read', (encoding, compress) => {
    const response = compress(completion('squeezed'))
    const outcome = {
      headers: [
        ['content-type', 'application/json'],
        ['content-encoding', encoding],
      ] as [string, string][],
    }
    expect(toResponseRow(foldOne({ response, outcome }).outcome!, facts, {}, createBodies())).toMatchObject({
      content: 'squeezed',
      input_tokens: 11,
      output_tokens: 7,
    })
  })

  test('without a price the cost is unknown, never 0', () => {
    const { outcome } = foldOne()
    expect(toResponseRow(outcome!, facts, {}, createBodies()).cost_usd).toBeNull()
    expect(toResponseRow(outcome!, facts, { 'gpt-4o': { input: 1, output: 10 } }, createBodies()).cost_usd).toBeCloseTo(
      (11 + 70) / 1e6,
    )
    expect(
      toResponseRow(
        outcome!,
        facts,
        { 'gpt-4o': { input: 1, output: 10 }, 'mock/gpt-4o': { input: 0, output: 0 } },
        createBodies(),
      ).cost_usd,
    ).toBe(0)
  })
})

describe('how an exchange ended', () => {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'par' } }], ...more })}\n\n`
  const stream = [['content-type', 'text/event-stream']] as [string, string][]
  const rowOf = (endpoint: string, response: string, headers = stream) => {
    const { outcome, intent } = foldOne({ response, intent: { endpoint }, outcome: { headers } })
    const row = toOutcomeRow(outcome!, readOutcome(outcome!, intent!.header))
    return row.status
  }

  test.each<[string, string, string, [string, string][]?]>([
    [
      'an error inside a stream of its own wire',
      '/v1/chat/completions',
      `${chunk({})}data: {"error":{"message":"server died","code":500}}\n\ndata: [DONE]\n\n`,
    ],
    [
      'an error as its first event',
      '/v1/chat/completions',
      'data: {"error":{"message":"server died"}}\n\ndata: [DONE]\n\n',
    ],
    [
      'a last chunk that ends in an error',
      '/v1/chat/completions',
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }),
    ],
    ['an error by the name of its event alone', '/v1/messages', 'event: error\ndata: {"message":"overloaded"}\n\n'],
    ['a response that failed', '/v1/responses', 'data: {"type":"response.failed","response":{"status":"failed"}}\n\n'],
    ['a body of 200 that is only an error', '/v1/messages', '{"error":{"message":"overloaded","code":503}}', []],
    ['a page in place of an answer', '/v1/chat/completions', '<html>sign in</html>', []],
    ['no choice', '/v1/chat/completions', '{"choices":[]}', []],
    ['an error of a call that passes through', '/v1/embeddings', '{"error":{"message":"no"}}', []],
  ])('is an error where the answer is %s, whatever its HTTP status says', (_name, endpoint, response, headers) =>
    expect(rowOf(endpoint, response, headers)).toBe('error'),
  )

  test('is ok where an answer is one, also where only its beginning was kept', () => {
    expect(rowOf('/v1/chat/completions', `${chunk({})}data: [DONE]\n\n`)).toBe('ok')
    const { outcome, intent } = foldOne({ response: '{"choices":[{"mess', outcome: { responseBytes: 99_000 } })
    expect(toOutcomeRow(outcome!, readOutcome(outcome!, intent!.header)).status).toBe('ok')
  })

  test('stays what the transport saw where that was no success', () => {
    for (const status of ['cancelled', 'truncated', 'error', 'unknown'] as const)
      expect(decideEnding(status, 200, null)).toBe(status)
    expect(decideEnding('ok', 503, null)).toBe('error')
  })
})

describe('a decoded copy', () => {
  test('of a compressed body that broke off what can be read is read', () => {
    const whole = gzipSync(Buffer.from('x'.repeat(100_000)))
    const decoded = decodeRecorded(whole.subarray(0, whole.length - 20), [['Content-Encoding', 'gzip']])
    expect('text' in decoded && decoded.text.startsWith('xxx')).toBe(true)
  })

  test('a small body that unpacks to more than the bound is given up', () => {
    expect(decodeRecorded(gzipSync(Buffer.alloc(40 * 1024 * 1024)), [['content-encoding', 'gzip']])).toMatchObject({
      problem: 'too_big',
    })
  })

  test.each(['nonsense', 'gzip, br, gzip, br'])('an encoding nobody knows (%s) is given up', (encoding) =>
    expect(decodeRecorded(Buffer.from('x'), [['content-encoding', encoding]])).toMatchObject({ problem: 'unknown' }),
  )
})

describe('what PostgreSQL cannot hold', () => {
  test('NUL and halves of surrogate pairs are replaced, everything else stays', () => {
    const value = { text: 'a\0b\ud800c\\u0000 \\ud800 😀', 'k\0': '\udc00' }
    expect(JSON.parse(toJsonb(value))).toEqual({ text: 'a\ufffdb\ufffdc\\u0000 \\ud800 😀', 'k\ufffd': '\ufffd' })
  })

  test('a body nested too deep is kept without its parts', () => {
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown
    expect(toSearchable('chat', { messages: deep })).toEqual({ messages: null, tools: null, parameters: null })
  })
})
