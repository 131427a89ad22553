/** Callers that leave or do not read, and providers that break off. */
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  chat,
  closeAll,
  converse,
  readChunks,
  startGateway,
  startRawUpstream,
  startUpstream,
  toRequest,
  unexpected,
  until,
} from './harness.ts'
import { anthropicStream, openaiStream } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const path = '/v1/chat/completions'
const sse = { 'content-type': 'text/event-stream' }
const chunked = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const toChunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

describe('a caller that leaves', () => {
  test.each([
    ['before the answer begins', false],
    ['in the middle of a stream', true],
  ])('%s aborts the provider, and is recorded as cancelled', async (_when, begun) => {
    let aborted = false
    const upstream = await startUpstream((_request, response) => {
      response.on('close', () => (aborted = true))
      if (begun) response.writeHead(200, sse).write(openaiStream[1])
    })
    const gateway = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    if (begun) await until('the first event', () => readChunks(conversation).length > 0)
    else await until('the call', () => upstream.seen[0])
    conversation.socket.destroy()
    await until('the abort', () => aborted)
    const { outcome, response } = await until('the record', () => gateway.journal.outcomes()[0])
    expect(outcome).toMatchObject({ status: 'cancelled', httpStatus: begun ? 200 : null, errorCode: null })
    expect(response.toString()).toBe(begun ? openaiStream[1] : '')
  })

  test('while the intent is being written: the provider is never called, and that is recorded', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const gateway = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const waiting: (() => void)[] = []
    gateway.journal.onAppend = (entry, done) => {
      if (entry.kind === 'intent') waiting.push(() => done(null))
      else done(null)
    }
    const conversation = converse(gateway.port, toRequest(path, chat()))
    const letGo = await until('the intent', () => waiting[0])
    conversation.socket.destroy()
    await conversation.closed
    await untilIdle(gateway.url)
    letGo()
    const { outcome } = await until('the record', () => gateway.journal.outcomes()[0])
    expect(outcome).toMatchObject({ status: 'cancelled', timings: { sentMs: null } })
    expect(upstream.seen).toEqual([])
  })

  test('right behind the terminal event has its complete answer, recorded as ok', async () => {
    let held: Socket | null = null
    const origin = await startRawUpstream((socket) => {
      held = socket
      socket.write(chunked + toChunk(openaiStream.join('')))
    })
    const gateway = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await until('the terminal event', () => conversation.text().includes('data: [DONE]\n\n'))
    conversation.socket.destroy()
    await until('the abort', () => held?.destroyed || held?.readableEnded)
    expect(gateway.journal.outcomes().map(({ outcome }) => outcome.status)).toEqual(['ok'])
  })
})

describe('a provider that breaks off in the middle of a stream', () => {
  test.each([
    [
      'openai',
      path,
      openaiStream.slice(0, 3),
      'FIN',
      /data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"upstream_cut"\}\}\n\n$/,
    ],
    ['openai', path, openaiStream.slice(0, 3), 'RST', /data: \{"error":.*\n\n$/],
    [
      'anthropic',
      '/v1/messages',
      anthropicStream.slice(0, 4),
      'RST',
      /event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^"]+"\},"request_id":"[^"]+"\}\n\n$/,
    ],
  ] as const)(
    '%s: the caller gets an error event and a cut connection, never an end',
    async (dialect, at, events, how, expected) => {
      const text = events.join('')
      let cut = (): void => {}
      const origin = await startRawUpstream((socket) => {
        socket.write(chunked + toChunk(text))
        cut = () => (how === 'RST' ? socket.resetAndDestroy() : socket.end())
      })
      const gateway = await startGateway({
        providers: [{ dialect, baseUrl: dialect === 'openai' ? `${origin}/v1` : origin }],
      })
      const conversation = converse(gateway.port, toRequest(at, chat({ stream: true })))
      await until('the events', () => readChunks(conversation).toString() === text)
      cut()
      await conversation.closed
      const body = readChunks(conversation).toString()
      expect(body.slice(text.length)).toMatch(expected)
      expect(body).not.toMatch(/^data: \[DONE\]|^event: message_stop/m)
      expect(conversation.text()).not.toMatch(/\r\n0\r\n\r\n$/)
      const { outcome, response } = gateway.journal.outcomes().at(-1) ?? {}
      expect(outcome).toMatchObject({ status: 'truncated', httpStatus: 200, errorCode: 'upstream_cut' })
      expect(response?.toString()).toBe(text)
    },
  )

  test.each(['on', 'off'] as const)(
    'also where only the closing of the connection would be its end, recording %s',
    async (recording) => {
      const text = openaiStream.slice(0, 3).join('')
      const origin = await startRawUpstream(
        (socket) =>
          void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${text}`),
      )
      const gateway = await startGateway({ recording, providers: [{ baseUrl: `${origin}/v1` }] })
      const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
      await conversation.closed
      expect(readChunks(conversation).toString()).toMatch(/"code":"upstream_cut"/)
      if (recording === 'on') expect(gateway.journal.outcomes().at(-1)?.outcome.status).toBe('truncated')
    },
  )

  const died = 'data: {"error":{"message":"server died","type":"server_error","code":500}}\n\n'
  const overloaded =
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
  const failed =
    'event: response.failed\ndata: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"died"}}}\n\n'
  test.each([
    ['chat', 'openai', path, openaiStream.slice(0, 3).join('') + died, 'FIN'],
    ['chat', 'openai', path, openaiStream.slice(0, 3).join('') + died, 'RST'],
    ['chat, its first event', 'openai', path, died, 'RST'],
    ['messages', 'anthropic', '/v1/messages', anthropicStream.slice(0, 4).join('') + overloaded, 'RST'],
    ['responses', 'openai', '/v1/responses', failed, 'FIN'],
    ['chat, translated for messages', 'openai', '/v1/messages', openaiStream.slice(0, 3).join('') + died, 'RST'],
    ['messages, translated for chat', 'anthropic', path, anthropicStream.slice(0, 4).join('') + overloaded, 'RST'],
  ] as const)(
    'behind an error that it stated (%s) has failed: no second error follows, and that is on the record (%#)',
    async (_wire, dialect, at, text, how) => {
      let cut = (): void => {}
      const origin = await startRawUpstream((socket) => {
        socket.write(chunked + toChunk(text))
        cut = () => (how === 'RST' ? socket.resetAndDestroy() : socket.end())
      })
      const gateway = await startGateway({
        providers: [{ dialect, baseUrl: dialect === 'openai' ? `${origin}/v1` : origin }],
      })
      const request =
        at === '/v1/responses' ? '{"model":"m","input":"Hi","stream":true}' : chat({ stream: true, max_tokens: 9 })
      const conversation = converse(gateway.port, toRequest(at, request, { connection: 'close' }))
      const stated = /server died|Overloaded|died/g
      await until('the error', () => stated.test(readChunks(conversation).toString()))
      cut()
      await conversation.closed
      const body = readChunks(conversation).toString()
      expect(body.match(/server died|Overloaded|"died"/g)).toHaveLength(1)
      expect(body).not.toMatch(/upstream_cut|broke off|^data: \[DONE\]|^event: message_stop|response\.completed/m)
      const { outcome } = await until('its outcome', () => gateway.journal.outcomes().at(-1))
      expect(outcome).toMatchObject({ status: 'error', httpStatus: 200 })
      expect(outcome.errorCode ?? null).toBeNull()
    },
  )

  test('a stream that closes its connection behind its terminal event is complete', async () => {
    const text = openaiStream.join('')
    const origin = await startRawUpstream(
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${text}`),
    )
    const gateway = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
    expect(readChunks(conversation).toString()).toBe(text)
    expect(gateway.journal.outcomes().at(-1)?.outcome.status).toBe('ok')
  })

  test('a body that stays short of its length is cut, not completed', async () => {
    const origin = await startRawUpstream(
      (socket) =>
        void socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"half":'),
    )
    const gateway = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const conversation = converse(gateway.port, toRequest(path, chat()))
    await conversation.closed
    expect(conversation.text()).toMatch(/content-length: 100\r\n/)
    expect(conversation.text()).not.toContain('upstream_cut')
    expect(gateway.journal.outcomes()[0]?.outcome).toMatchObject({ status: 'truncated', errorCode: 'upstream_cut' })
  })

  test('silence for longer than the idle limit counts as breaking off', async () => {
    const upstream = await startUpstream(
      (_request, response) => void response.writeHead(200, sse).write(openaiStream[1]),
    )
    const gateway = await startGateway({
      providers: [{ baseUrl: `${upstream.origin}/v1`, timeouts: { connectMs: 1000, firstByteMs: 1000, idleMs: 60 } }],
    })
    const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
    await conversation.closed
    const told = readChunks(conversation).toString()
    expect(told).toMatch(/"code":"upstream_cut"/)
    expect(told).toContain('silent for longer than its idleMs')
    expect(told).not.toContain('the provider broke off')
    expect(gateway.journal.outcomes()[0]?.outcome.status).toBe('truncated')
  })
})

test('a caller that reads slowly holds the provider back instead of filling the memory', async () => {
  const piece = Buffer.alloc(64 * 1024, 0x61)
  const total = 800
  let written = 0
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    const write = (): void => {
      if (written === total) return void response.end()
      written++
      response.write(piece, write)
    }
    write()
  })
  const gateway = await startGateway({ recording: 'off', providers: [{ baseUrl: `${upstream.origin}/v1` }] })
  const conversation = converse(gateway.port, toRequest(path, chat()))
  conversation.socket.pause()
  // Still for as long as it takes the pipe to fill up: the kernel's buffers on both connections, and no more.
  let before = -1
  let still = 0
  await until('the provider was held back', () => {
    still = written === before ? still + 1 : 0
    before = written
    return written > 0 && still > 100
  })
  expect(written).toBeLessThan(total / 2)
  conversation.socket.resume()
  await until('the whole answer', () => conversation.bytes().length > total * piece.length)
})

test('told to stop, the gateway takes no more, finishes what is under way, and closes the journal last', async () => {
  let finish = (): void => {}
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, sse).write(openaiStream[0])
    finish = () => void response.end(openaiStream.slice(1).join(''))
  })
  const gateway = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
  let journalClosed = false
  gateway.journal.close = () => {
    journalClosed = true
    return Promise.resolve()
  }
  const idle = converse(gateway.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  await until('health', () => idle.text().includes('{"status":"ok"}'))
  const silent = converse(gateway.port, '')
  const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
  await until('the first event', () => readChunks(conversation).length > 0)
  const closed = gateway.gateway.close()
  await Promise.all([idle.closed, silent.closed])
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow()
  expect(journalClosed).toBe(false)
  finish()
  await closed
  expect(readChunks(conversation).toString()).toBe(openaiStream.join(''))
  expect(gateway.journal.outcomes().at(-1)?.outcome.status).toBe('ok')
  expect(journalClosed).toBe(true)
})

test('an answer that outlasts the drain is cut and recorded', async () => {
  const upstream = await startUpstream((_request, response) => void response.writeHead(200, sse).write(openaiStream[1]))
  const gateway = await startGateway({ drainMs: 20, providers: [{ baseUrl: `${upstream.origin}/v1` }] })
  const conversation = converse(gateway.port, toRequest(path, chat({ stream: true })))
  await until('the first event', () => readChunks(conversation).length > 0)
  await gateway.gateway.close()
  expect(gateway.journal.outcomes().at(-1)?.outcome.status).toBe('cancelled')
})

async function untilIdle(url: string): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    const { inFlight } = (await (await fetch(`${url}/readyz`)).json()) as { inFlight: number }
    if (inFlight === 0) return
  }
  throw new Error('waited in vain: no request under way')
}
