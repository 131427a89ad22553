/**
 * A client that received an answer has a record of it: the outcome is safe before what completes the answer goes out.
 */
import { createHash } from 'node:crypto'
import { brotliCompressSync, constants, createGzip } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { maxKeptBytes } from '../pipeline/relay/kept-answer.ts'
import {
  chat,
  closeAll,
  converse,
  readChunks,
  startGateway,
  startUpstream,
  toRequest,
  unexpected,
  until,
  type TestGateway,
  type TestJournal,
} from './harness.ts'
import { anthropicStream, openaiStream } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const path = '/v1/chat/completions'
const sse = { 'content-type': 'text/event-stream' }

/** Outcomes wait until they are let go, one by one. */
function holdOutcomes(journal: TestJournal): { waiting: (() => void)[] } {
  const waiting: (() => void)[] = []
  journal.onAppend = (entry, done) => {
    if (entry.kind === 'outcome') waiting.push(() => done(null))
    else done(null)
  }
  return { waiting }
}

async function openWith(answer: (response: ServerResponse) => void): Promise<TestGateway> {
  const upstream = await startUpstream((_request, response) => answer(response))
  return startGateway({
    providers: [
      { name: 'oa', baseUrl: `${upstream.origin}/v1`, models: ['m'] },
      { name: 'an', dialect: 'anthropic', baseUrl: upstream.origin, models: ['m'] },
    ],
  })
}

describe('before the outcome is in the journal', () => {
  test('the intent must be: the provider is not called without it', async () => {
    let calls = 0
    const gateway = await openWith((response) => {
      calls++
      response.end('{}')
    })
    const waiting: (() => void)[] = []
    gateway.journal.onAppend = (entry, done) => {
      if (entry.kind === 'intent') waiting.push(() => done(null))
      else done(null)
    }
    const conversation = converse(gateway.port, toRequest(path, chat()))
    const letGo = await until('the intent', () => waiting[0])
    expect(calls).toBe(0)
    letGo()
    await until('the answer', () => conversation.text().includes('{}'))
    expect(calls).toBe(1)
  })

  test('the last byte of an answer with a length is held back', async () => {
    const gateway = await openWith((response) => {
      response.writeHead(200, { 'content-length': 6 }).write('abc')
      setImmediate(() => response.end('def'))
    })
    const { waiting } = holdOutcomes(gateway.journal)
    const conversation = converse(gateway.port, toRequest(path, chat()))
    const letGo = await until('the outcome', () => waiting[0])
    expect(conversation.text()).not.toContain('f')
    letGo()
    await until('the rest', () => conversation.text().endsWith('abcdef'))
  })

  test('the end of a body in chunks is held back, its chunks are not', async () => {
    const gateway = await openWith((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":')
      setImmediate(() => response.end('1}'))
    })
    const { waiting } = holdOutcomes(gateway.journal)
    const conversation = converse(gateway.port, toRequest(path, chat()))
    const letGo = await until('the outcome', () => waiting[0])
    await until('the chunks', () => conversation.text().includes('1}'))
    expect(conversation.text()).not.toContain('\r\n0\r\n\r\n')
    letGo()
    await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
  })

  test.each([
    ['openai', path, openaiStream, 'data: [DONE]'],
    ['anthropic', '/v1/messages', anthropicStream, 'event: message_stop'],
  ])('the terminal event of an %s stream is held back, whatever the chunks', async (_dialect, at, events, marker) => {
    const whole = events.join('')
    const begin = Buffer.from(whole.slice(0, whole.lastIndexOf(`\n${marker}`) + 1)).length
    const bytes = Buffer.from(whole)
    const gateway = await openWith((response) => {
      response.writeHead(200, sse)
      const write = (offset: number): void => {
        if (offset >= bytes.length) return void response.end()
        // Byte by byte around the marker, in larger pieces before it.
        const size = offset < begin - 3 ? Math.min(97, begin - 3 - offset) : 1
        response.write(bytes.subarray(offset, offset + size), () => setImmediate(write, offset + size))
      }
      write(0)
    })
    const { waiting } = holdOutcomes(gateway.journal)
    // Who asks for the usage gets the bytes themselves, whatever their pieces.
    const conversation = converse(
      gateway.port,
      toRequest(at, chat({ stream: true, stream_options: { include_usage: true } })),
    )
    const letGo = await until('the first outcome', () => waiting[0])
    // All but the marker's own last byte is out.
    await until('all before it', () => readChunks(conversation).equals(bytes.subarray(0, begin + marker.length - 1)))
    letGo()
    const second = await until('the fuller outcome, for what came behind the marker', () => waiting[1])
    expect(conversation.text()).not.toContain('\r\n0\r\n\r\n')
    second()
    await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
    const { outcome, response } = gateway.journal.outcomes().at(-1) ?? {}
    expect(response?.equals(bytes)).toBe(true)
    expect(outcome).toMatchObject({ status: 'ok', responseBytes: bytes.length })
  })

  test('chunks before the terminal event pass at once', async () => {
    let finish = (): void => {}
    const gateway = await openWith((response) => {
      response.writeHead(200, sse).write(openaiStream[0])
      finish = () => void response.end(openaiStream.slice(1).join(''))
    })
    holdOutcomes(gateway.journal)
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await until('the first event', () => conversation.text().includes('"role":"assistant"'))
    expect(gateway.journal.outcomes()).toEqual([])
    finish()
  })

  test('a stream’s head goes out before its first event', async () => {
    let finish = (): void => {}
    const gateway = await openWith((response) => {
      response.writeHead(200, sse).flushHeaders()
      finish = () => void response.end()
    })
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await until('the head', () => conversation.text().includes('\r\n\r\n'))
    finish()
  })

  test.each(['gzip', 'br'])('a terminal event inside %s is found and held back too', async (encoding) => {
    let gzip: ReturnType<typeof createGzip> | null = null
    const last = 'data: [DONE]\n\n'
    const gateway = await openWith((response) => {
      response.writeHead(200, { ...sse, 'content-encoding': encoding })
      if (encoding === 'br') return void response.end(brotliCompressSync(openaiStream.join('')))
      gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(response)
      gzip.write(openaiStream.slice(0, -1).join(''))
      gzip.write(last)
    })
    const { waiting } = holdOutcomes(gateway.journal)
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    const letGo = await until('the outcome, though the body goes on', () => waiting[0])
    const before = conversation.bytes().length
    letGo()
    await until('the held chunk', () => conversation.bytes().length > before)
    ;(gzip as ReturnType<typeof createGzip> | null)?.end()
    const ended = (): boolean => conversation.text().endsWith('\r\n0\r\n\r\n')
    for (let next = 1; !ended(); next++)
      (await until('the end or a fuller outcome', () => waiting[next] ?? (ended() && (() => {}))))()
    expect(gateway.journal.outcomes().map(({ outcome }) => outcome.status)).not.toContain('truncated')
  })
})

describe('the outcome', () => {
  test('has what was answered and when, and no secrets', async () => {
    const gateway = await openWith(
      (response) =>
        void response
          .writeHead(200, {
            'content-type': 'application/json',
            'x-request-id': 'r',
            'set-cookie': 'a=secret',
            'x-api-key': 'secret',
          })
          .end('{"ok":1}'),
    )
    const conversation = converse(gateway.port, toRequest(path, chat()))
    await until('the answer', () => conversation.text().includes('{"ok":1}'))
    const { outcome, response } = gateway.journal.outcomes()[0] ?? {}
    expect(response?.toString()).toBe('{"ok":1}')
    expect(outcome?.headers).toContainEqual(['x-request-id', 'r'])
    expect(JSON.stringify(outcome)).not.toContain('secret')
    const { sentMs, firstByteMs, totalMs } = outcome?.timings ?? {}
    expect(0 <= (sentMs ?? -1) && (sentMs ?? 0) <= (firstByteMs ?? -1) && (firstByteMs ?? 0) <= (totalMs ?? -1)).toBe(
      true,
    )
  })

  test('of a very long answer keeps the beginning and the digest of the whole', async () => {
    const whole = Buffer.alloc(maxKeptBytes + 3_000_000, 'abcdefg')
    const gateway = await openWith(
      (response) => void response.writeHead(200, { 'content-length': whole.length }).end(whole),
    )
    const conversation = converse(gateway.port, toRequest(path, chat()))
    await until('the whole answer', () => conversation.bytes().length > whole.length)
    const { outcome, response } = gateway.journal.outcomes()[0] ?? {}
    expect(response?.equals(whole.subarray(0, maxKeptBytes))).toBe(true)
    expect(outcome).toMatchObject({
      responseBytes: whole.length,
      responseDigest: createHash('sha256').update(whole).digest('hex'),
    })
  })

  test('that cannot be written cuts the answer off before its end', async () => {
    const gateway = await openWith((response) => void response.end('{"complete":true}'))
    gateway.journal.onAppend = (entry, done) => done(entry.kind === 'outcome' ? new Error('disk full') : null)
    const conversation = converse(gateway.port, toRequest(path, chat()))
    await conversation.closed
    expect(conversation.text()).not.toContain('{"complete":true}')
  })

  test.each([
    ['an error event', [openaiStream[0], 'data: {"error":{"message":"overloaded"}}\n\n'], 'error'],
    ['a finish reason but no [DONE]', openaiStream.slice(0, -1), 'ok'],
    ['neither', openaiStream.slice(0, 3), 'truncated'],
  ])('of a stream that ends with %s says so, and the end passes as it came', async (_how, events, status) => {
    const gateway = await openWith((response) => void response.writeHead(200, sse).end(events.join('')))
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
    expect(conversation.text()).not.toContain('upstream_cut')
    expect(gateway.journal.outcomes().map(({ outcome }) => outcome.status)).toEqual([status])
  })
})

test('with recording off nothing is written and everything passes', async () => {
  const upstream = await startUpstream(
    (_request, response) => void response.writeHead(200, sse).end(openaiStream.join('')),
  )
  const gateway = await startGateway({ recording: 'off', providers: [{ baseUrl: `${upstream.origin}/v1` }] })
  const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
  await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
  expect(conversation.text()).toContain('data: [DONE]')
  expect(conversation.text()).toMatch(/x-sinew-exchange: [0-9a-f-]{36}/)
})

test('whose conversation and whose request it is stands on the record as the client says it, also where it is refused', async () => {
  const gateway = await openWith((response) => void response.end('{"choices":[{"message":{"content":"Hi"}}]}'))
  const user = JSON.stringify({ device_id: 'd1', account_uuid: 'a1', session_id: 's1' })
  const claudeCode = JSON.stringify({
    model: 'an/m',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'Hello' }],
    metadata: { user_id: user },
  })
  const codex = JSON.stringify({ model: 'oa/m', input: 'Hello', prompt_cache_key: 'thread-1' })
  const requests: [string, string, Record<string, string>?][] = [
    ['/v1/messages', claudeCode],
    ['/v1/messages', claudeCode, { 'x-claude-code-session-id': 's2', 'x-sinew-user': 'eve' }],
    ['/v1/responses', codex],
    [path, chat({ model: 'unknown/m', user: 'eve' }), { 'session-id': 's3' }],
    [path, '{', { 'session-id': 's4', 'x-sinew-user': 'eve' }],
  ]
  for (const [at, body, headers] of requests) {
    const conversation = converse(gateway.port, toRequest(at, body, headers))
    await until('the answer', () => conversation.text().includes('HTTP/1.1'))
  }
  const intents = await until('all intents', () => {
    const all = gateway.journal.entries.flatMap((entry) => ('intent' in entry ? [entry.intent] : []))
    return all.length === requests.length ? all : undefined
  })
  expect(intents.map(({ sessionKey, endUser }) => [sessionKey, endUser])).toEqual([
    ['s1', 'a1'],
    ['s2', 'eve'],
    ['thread-1', null],
    ['s3', 'eve'],
    ['s4', 'eve'],
  ])
})
