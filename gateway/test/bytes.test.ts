/** Bytes in, bytes out: what passes, what does not, and how the one allowed change is made. */
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import {
  chat,
  closeAll,
  converse,
  providerKey,
  startGateway,
  startRawUpstream,
  startUpstream,
  toRequest,
  unexpected,
  until,
  type RawConversation,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const path = '/v1/chat/completions'
/** The body of an answer that names its length, once it is whole. */
const readAnswer = async (conversation: RawConversation): Promise<{ head: string; body: Buffer }> =>
  until('a whole answer', () => {
    const bytes = conversation.bytes()
    const end = bytes.indexOf('\r\n\r\n')
    const head = bytes.toString('latin1', 0, Math.max(0, end))
    const length = /content-length: (\d+)/i.exec(head)?.[1]
    const whole =
      end >= 0 && (length === undefined ? bytes.includes('\r\n0\r\n') : bytes.length >= end + 4 + Number(length))
    return whole && { head, body: bytes.subarray(end + 4) }
  })

describe('the caller’s bytes', () => {
  const odd =
    '{ "messages" : [ {"role":"user","content":"caf\\u00e9 \\ud83d\\ude00 \\/"} ],\r\n\t"temperature":1.50e-0,"seed":12345678901234567890,"model":"m","model":"MODEL","unknown":{"b":[ ],"a":null} }\n'

  test('reach the provider unchanged, unknown members and odd formatting included', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const body = odd.replace('MODEL', 'm')
    await readAnswer(converse(port, toRequest(path, body)))
    expect(upstream.seen[0]?.body.toString()).toBe(body)
    const { request, sent, intent } = journal.intents()[0] ?? {}
    expect(request?.toString()).toBe(body)
    expect(sent).toBeNull()
    expect(intent).toMatchObject({
      requestedModel: 'm',
      model: 'm',
      provider: 'mock',
      requestBytes: Buffer.byteLength(body),
    })
  })

  test('only the provider’s prefix is cut out, and the record has both', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/api/v1/`, models: [] }] })
    await readAnswer(converse(port, toRequest(`${path}?trace=1`, odd.replace('MODEL', 'mock/vendor/x'))))
    expect(upstream.seen[0]?.url).toBe('/api/v1/chat/completions?trace=1')
    expect(upstream.seen[0]?.body.toString()).toBe(odd.replace('MODEL', 'vendor/x'))
    const { request, sent, intent } = journal.intents()[0] ?? {}
    expect(request?.toString()).toBe(odd.replace('MODEL', 'mock/vendor/x'))
    expect(sent?.toString()).toBe(odd.replace('MODEL', 'vendor/x'))
    expect(intent).toMatchObject({
      requestedModel: 'mock/vendor/x',
      model: 'vendor/x',
      target: `${upstream.origin}/api/v1/chat/completions`,
    })
  })

  test('two requests sent at once on one connection are answered in their order', async () => {
    const upstream = await startUpstream((_request, response) => {
      const { user } = JSON.parse(String(upstream.seen.at(-1)?.body)) as { user: string }
      // The first is answered only once the second has been asked.
      if (user === 'first') void until('the second', () => upstream.seen[1]).then(() => response.end(user))
      else response.end(user)
    })
    const { port } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const conversation = converse(
      port,
      Buffer.concat([toRequest(path, chat({ user: 'first' })), toRequest(path, chat({ user: 'second' }))]),
    )
    await until('both answers', () => /first.*second/s.test(conversation.text()))
  })

  test('a body in many pieces, chunked, arrives as one', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const head = toRequest(path, '')
      .toString()
      .replace(/content-length: 0\r\n/, 'transfer-encoding: chunked\r\nexpect: 100-continue\r\n')
    const conversation = converse(port, head)
    await until('100 Continue', () => conversation.text().startsWith('HTTP/1.1 100'))
    for (const piece of ['{"model"', ':"m","messages"', ':[]}'])
      conversation.socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    conversation.socket.write('0\r\n\r\n')
    await until('the answer', () => conversation.text().includes('HTTP/1.1 200'))
    expect(upstream.seen[0]?.body.toString()).toBe('{"model":"m","messages":[]}')
    expect(upstream.seen[0]?.headers['content-length']).toBe('27')
  })
})

describe('headers', () => {
  test('pass to the provider, except what belongs to the connection, to the caller’s network and to Sinew', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const dropped = {
      connection: 'keep-alive, x-for-this-hop',
      'x-for-this-hop': '1',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      cookie: 'a=b',
      'x-api-key': 'other',
      'api-key': 'other',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'inside',
      'x-real-ip': '10.0.0.1',
      'x-sinew-session': 's-1',
      'x-sinew-user': 'u-1',
    }
    const passed = {
      'OpenAI-Organization': 'org-1',
      'accept-encoding': 'gzip, br',
      'user-agent': 'test/1',
      'x-stainless-lang': 'js',
      traceparent: '00-1',
      forwarded: 'for=_caller',
      'x-unknown': 'kept',
      'x-user-token': 'tok',
    }
    await readAnswer(converse(port, toRequest(path, chat({ user: 'in-body' }), { ...dropped, ...passed })))
    const seen = upstream.seen[0]
    for (const name of Object.keys(dropped))
      if (name !== 'connection') expect(seen?.headers[name], name).toBeUndefined()
    for (const [name, value] of Object.entries(passed)) expect(seen?.headers[name.toLowerCase()], name).toBe(value)
    expect(seen?.rawHeaders).toContain('OpenAI-Organization')
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${providerKey}`,
      host: upstream.origin.slice(7),
      connection: 'keep-alive',
    })
    const intent = journal.intents()[0]?.intent
    expect(intent).toMatchObject({
      sessionKey: 's-1',
      endUser: 'u-1',
      keyName: 'demo',
      team: 'default',
      endpoint: path,
    })
    expect(JSON.stringify(intent)).not.toMatch(/sk-|other|a=b|tok|10\.0\.0\.1/)
    expect(intent?.headers).toContainEqual(['openai-organization', 'org-1'])
  })

  test('an Anthropic provider gets its key in x-api-key', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port, journal } = await startGateway({ providers: [{ dialect: 'anthropic', baseUrl: upstream.origin }] })
    await readAnswer(
      converse(
        port,
        toRequest('/v1/messages', chat({ metadata: { user_id: 'u-7' } }), {
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'b',
        }),
      ),
    )
    expect(upstream.seen[0]?.headers).toMatchObject({
      'x-api-key': providerKey,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'b',
    })
    expect(upstream.seen[0]?.headers.authorization).toBeUndefined()
    expect(journal.intents()[0]?.intent.endUser).toBe('u-7')
  })

  test('a provider without a key gets no credentials, not the caller’s', async () => {
    const upstream = await startUpstream((_request, response) => void response.end('{}'))
    const { port } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1`, apiKey: null }] })
    await readAnswer(converse(port, toRequest(path, chat())))
    expect(upstream.seen[0]?.rawHeaders.join(' ')).not.toMatch(/sk-|authorization|x-api-key/i)
  })

  test('of the answer pass, except what belongs to the connection, and cookies', async () => {
    const origin = await startRawUpstream((socket) => {
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 Fine By Me\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nX-RateLimit-Remaining: 5\r\nx-multi: a\r\nx-multi: b\r\n',
      )
      socket.write(
        'set-cookie: s=1\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\nx-sinew-exchange: not-ours\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
      )
    })
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const { head } = await readAnswer(converse(port, toRequest(path, chat())))
    expect(head).toMatch(/^HTTP\/1\.1 200 Fine By Me\r\n/)
    expect(head).toMatch(/date: Sat, 01 Jan 2000/)
    expect(head.match(/date:/gi)).toHaveLength(1)
    expect(head).toMatch(/x-ratelimit-remaining: 5/)
    expect(head).toMatch(/x-multi: a\r\nx-multi: b/)
    expect(head).not.toMatch(/set-cookie|x-hop|HTTP\/1\.1 103|not-ours|timeout=5\b/i)
    expect(head).toContain(`x-sinew-exchange: ${journal.intents()[0]?.intent.id}`)
    expect(journal.outcomes()[0]?.outcome.headers).toContainEqual(['x-multi', 'b'])
  })
})

describe('the provider’s bytes', () => {
  test.each([
    [
      'with a length',
      (body: Buffer) =>
        Buffer.concat([
          Buffer.from(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`,
          ),
          body,
        ]),
    ],
    [
      'in chunks',
      (body: Buffer) =>
        Buffer.concat([
          Buffer.from(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
          ),
          body,
          Buffer.from('\r\n0\r\n\r\n'),
        ]),
    ],
    [
      'until the connection closes',
      (body: Buffer) =>
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n'),
          body,
        ]),
    ],
  ])('compressed, %s, come out as they went in', async (_how, toWire) => {
    const body = gzipSync(JSON.stringify({ choices: [{ index: 0, message: { content: 'x'.repeat(2_000) } }], odd: 1 }))
    const origin = await startRawUpstream((socket) => void socket.end(toWire(body)))
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const conversation = converse(port, toRequest(path, chat(), { 'accept-encoding': 'gzip' }))
    const answer = await readAnswer(conversation)
    expect(answer.head).toMatch(/content-encoding: gzip/)
    expect(answer.body.includes(body)).toBe(true)
    const { outcome, response } = await until('the outcome', () => journal.outcomes()[0])
    expect(response.equals(body)).toBe(true)
    expect(outcome).toMatchObject({ status: 'ok', responseBytes: body.length, responseDigest: null })
  })

  test('trailers come through behind a body in chunks', async () => {
    const origin = await startRawUpstream(
      (socket) =>
        void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-cost: 7\r\n\r\n'),
    )
    const { port } = await startGateway({ providers: [{ baseUrl: `${origin}/v1` }] })
    const conversation = converse(port, toRequest(path, chat()))
    await until('the trailer', () => conversation.text().endsWith('\r\n0\r\nx-cost: 7\r\n\r\n'))
  })

  test('of an error pass byte for byte, with their status, and are recorded as an error', async () => {
    const text = '{ "error" : {"message":"Rate limit","type":"tokens","code":"rate_limit_exceeded"} }'
    const upstream = await startUpstream(
      (_request, response) =>
        void response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' }).end(text),
    )
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const { head, body } = await readAnswer(converse(port, toRequest(path, chat())))
    expect(head).toMatch(/^HTTP\/1\.1 429 /)
    expect(head).toMatch(/retry-after: 7/)
    expect(body.toString()).toContain(text)
    expect(journal.outcomes()[0]?.outcome).toMatchObject({ status: 'error', httpStatus: 429, errorCode: null })
  })

  test('an answer without a body ends', async () => {
    const upstream = await startUpstream((_request, response) => void response.writeHead(204).end())
    const { port, journal } = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const conversation = converse(port, toRequest(path, chat()))
    await until('the answer', () => conversation.text().includes('HTTP/1.1 204'))
    expect(journal.outcomes()[0]?.outcome).toMatchObject({ status: 'ok', httpStatus: 204, responseBytes: 0 })
  })
})
