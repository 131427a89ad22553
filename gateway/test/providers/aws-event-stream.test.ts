/** Bedrock's event streams become the SSE that Anthropic sends, however they are cut. */
import { EventStreamCodec } from '@smithy/eventstream-codec'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamTranslator } from '../stream-translator.ts'
import { createEventStreamTransform } from '../../providers/aws-event-stream.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)
const word = (value: string): { type: 'string'; value: string } => ({ type: 'string', value })

/**
 * As https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html describes
 * it; `p` is padding.
 */
function chunk(event: object): Buffer {
  const body = Buffer.from(
    JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdef' }),
  )
  return Buffer.from(
    codec.encode({
      headers: {
        ':event-type': word('chunk'),
        ':content-type': word('application/json'),
        ':message-type': word('event'),
      },
      body,
    }),
  )
}

function exception(name: string, message: string): Buffer {
  return Buffer.from(
    codec.encode({
      headers: {
        ':exception-type': word(name),
        ':content-type': word('application/json'),
        ':message-type': word('exception'),
      },
      body: Buffer.from(JSON.stringify({ message })),
    }),
  )
}

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
const events = [
  {
    type: 'message_start',
    message: {
      model: 'claude-sonnet-4-5-20250929',
      id: 'msg_bdrk_01',
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 12, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße 🦴' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 'toolu_bdrk_1', name: 'get_weather', input: {} },
  },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"city": "Bonn"}' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 20 } },
  {
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': {
      inputTokenCount: 12,
      outputTokenCount: 20,
      invocationLatency: 900,
      firstByteLatency: 300,
    },
  },
]
const stream = Buffer.concat(events.map(chunk))
const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

function run(parts: Buffer[]): string {
  const transform = createEventStreamTransform()
  return Buffer.concat([...parts.map((part) => transform.push(part)), transform.end()]).toString('utf8')
}

test('whatever bytes come, they become SSE or an error, and nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...events.map(chunk), Buffer.from([0, 0, 0, 16]))),
      ),
      (parts) => {
        const told = run(parts.map((part) => Buffer.from(part)))
        expect(told === '' || told.endsWith('\n\n')).toBe(true)
        expect((told.match(/event: error/g) ?? []).length).toBeLessThanOrEqual(1)
      },
    ),
  )
})

describe('an event stream', () => {
  test('becomes the same SSE, cut in two at every byte', () => {
    for (let at = 0; at <= stream.length; at++) expect(run([stream.subarray(0, at), stream.subarray(at)])).toBe(sse)
  })

  test('becomes the same SSE, byte by byte, and each event passes with its last byte', () => {
    const transform = createEventStreamTransform()
    const ends = events.map((_, index) =>
      events.slice(0, index + 1).reduce((sum, event) => sum + chunk(event).length, 0),
    )
    for (let at = 0; at < stream.length; at++)
      expect(transform.push(stream.subarray(at, at + 1)).length > 0).toBe(ends.includes(at + 1))
  })

  test('reaches a client of another dialect: text, call, reason and usage', () => {
    const translator = new StreamTranslator({ from: 'messages', to: 'chat' }, { includeUsage: true })
    const told = translator.push(Buffer.from(run([stream]))) + translator.end()
    for (const said of [
      'Grüße 🦴',
      '"name":"get_weather"',
      '"finish_reason":"tool_calls"',
      '"prompt_tokens":12',
      '"completion_tokens":20',
      '[DONE]',
    ])
      expect(told).toContain(said)
  })

  test.each([
    ['throttlingException', 'rate_limit_error'],
    ['validationException', 'invalid_request_error'],
    ['modelTimeoutException', 'timeout_error'],
    ['serviceUnavailableException', 'overloaded_error'],
    ['modelStreamErrorException', 'api_error'],
    ['internalServerException', 'api_error'],
  ])('%s inside it is an error of the dialect, and never an end', (name, type) => {
    const told = run([chunk(events[0] as object), exception(name, 'Not now.')])
    expect(told).toContain(`event: error\ndata: {"type":"error","error":{"type":"${type}","message":"Not now."}}\n\n`)
    expect(told).not.toContain('message_stop')
  })

  test('that is broken off, or damaged, is never shown as complete', () => {
    expect(run([stream.subarray(0, -1)])).not.toContain('message_stop')
    const damaged = Buffer.from(stream)
    damaged[stream.length - 10] = (damaged[stream.length - 10] as number) ^ 1
    expect(run([damaged])).toMatch(/event: message_delta\n[^]*event: error\n.*cannot be read/)
    expect(run([damaged])).not.toContain('message_stop')
    expect(run([Buffer.from('<html>no stream at all</html>')])).toMatch(/event: error\n.*a message of \d+ bytes/)
  })
})
