/** Which path is which, however it is written; and what is answered before anybody is asked who is calling. */
import { afterEach, describe, expect, test } from 'vitest'
import { toLenientPath, toPlainPath } from '../dialects/paths.ts'
import { callerKey, chat, closeAll, converse, startGateway, startUpstream, unexpected, until } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

async function open(options: { origins?: string[] } = {}) {
  const upstream = await startUpstream((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}'),
  )
  const gateway = await startGateway({
    providers: [
      { name: 'oa', dialect: 'openai', baseUrl: `${upstream.origin}/oa/v1`, apiKey: 'key-oa', models: ['m'] },
      { name: 'an', dialect: 'anthropic', baseUrl: `${upstream.origin}/an`, apiKey: 'key-an', models: ['c'] },
    ],
    ...options,
  })
  /** By hand, because `fetch` tidies paths before it sends them. */
  const send = async (target: string, method = 'POST', body = chat(), headers: Record<string, string> = {}) => {
    const all = {
      host: 'gateway',
      authorization: `Bearer ${callerKey}`,
      'content-type': 'application/json',
      connection: 'close',
      ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    }
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    const conversation = converse(gateway.port, `${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n${body}`)
    await conversation.closed
    return conversation.text()
  }
  return { upstream, gateway, send }
}

describe('a variant of a generation’s path is that path: it is read, ruled and recorded as one', () => {
  test.each([
    '/v1/chat/completions/',
    '/v1//chat/completions',
    '//v1/chat/completions//',
    '/v1/chat/completion%73',
    '/v1/%63hat%2Fcompletions',
    '/v1/chat%252fcompletions',
    '/v1/chat\\completions',
    '/V1/Chat/Completions',
    '/v1/v1/chat/completions',
    '/chat/completions',
    '/chat/completions/',
    '/v1/chat/completions;x=1',
    '/v1/chat;x/completions',
    '/v1/chat/completions?trace=1',
    '/v1/chat/completions/?trace=1',
    '/v1/chat/completions#part',
    'http://gateway/v1/chat/completions',
  ])('%s', async (target) => {
    const { upstream, gateway, send } = await open()
    expect(await send(target)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.seen.at(-1)?.url.replace('?trace=1', '')).toBe('/oa/v1/chat/completions')
    // Only what is read as a prompt names its model and whether it streams.
    expect(gateway.journal.intents()[0]?.intent).toMatchObject({
      endpoint: '/v1/chat/completions',
      requestedModel: 'm',
    })
    expect(await send(target, 'POST', '{"messages":[]}')).toMatch(/^HTTP\/1\.1 400 [\s\S]*missing_model/)
  })

  test.each([
    ['/responses', '/oa/v1/responses', { model: 'm', input: 'Hi' }],
    ['/v1/responses//', '/oa/v1/responses', { model: 'm', input: 'Hi' }],
    ['/messages', '/an/v1/messages', { model: 'c', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }],
    ['/v1/v1/messages', '/an/v1/messages', { model: 'c', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }],
    [
      '/v1/messages/?beta=true',
      '/an/v1/messages?beta=true',
      { model: 'c', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
    ],
  ])('%s', async (target, sent, body) => {
    const { upstream, send } = await open()
    expect(await send(target, 'POST', JSON.stringify(body))).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.seen.at(-1)?.url).toBe(sent)
  })

  test.each([
    '/v1/chat/./completions',
    '/v1/x/../chat/completions',
    '/v1/chat/%2e/completions',
    '/v1/chat/completions/..',
  ])('%s has parts that servers cut in different ways: it is refused, and nobody is called', async (target) => {
    const { upstream, send } = await open()
    expect(await send(target)).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.seen).toEqual([])
  })

  test('what stands behind /providers/<name>/ goes as it is, with its key, and is recorded', async () => {
    const { upstream, gateway, send } = await open()
    await send('/providers/oa/chat//completions/%41')
    expect(upstream.seen.at(-1)).toMatchObject({
      url: '/oa/v1/chat//completions/%41',
      headers: { authorization: 'Bearer key-oa' },
    })
    expect(gateway.journal.intents()[0]?.intent.provider).toBe('oa')
    await send('//providers/oa/files')
    expect(upstream.seen.at(-1)?.url).toBe('/oa/v1/files')
    expect(await send('/providers/oa/files', 'GET', '', { authorization: 'Bearer nobody' })).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('paths of the gateway’s own are found in the same way', async () => {
    const { gateway, send } = await open()
    for (const path of ['/v1/models/', '/models', '/v1/v1/models', '//v1/models'])
      expect(await send(path, 'GET', '')).toContain('"owned_by":"oa"')
    for (const path of ['/v1/models/m', '/models/m', '/v1/models//m'])
      expect(await send(path, 'GET', '')).toContain('"owned_by":"oa"')
    expect(await send('/healthz/', 'GET', '')).toContain('{"status":"ok"}')
    expect(await send('/v1/feedback/', 'POST', '{}')).toMatch(/^HTTP\/1\.1 400 /)
    expect(gateway.journal.entries).toEqual([])
  })

  test('identifiers keep their letters, and a path is the same however often it is made plain', () => {
    expect(toPlainPath('/v1/files/File-AbC%2Fd')).toBe('/v1/files/File-AbC%2Fd')
    for (const path of ['/', '/v1', '/v1/files/A', '/%76%31/Files', '/providers/x//y/', '//', '/healthz/'])
      expect(toPlainPath(toPlainPath(path))).toBe(toPlainPath(path))
    for (const path of ['/v1/%2563hat', '/V1//v1/Chat;a/', '/x%00'])
      expect(toLenientPath(toLenientPath(path))).toBe(toLenientPath(path))
  })
})

describe('what the vendors’ clients ask passes, whether or not the gateway has heard of it', () => {
  const anthropic = { 'anthropic-version': '2023-06-01' }
  test.each([
    ['GET', '/v1/agents', '/an/v1/agents', anthropic],
    ['POST', '/v1/sessions', '/an/v1/sessions', anthropic],
    ['GET', '/v1/environments/env_1', '/an/v1/environments/env_1', anthropic],
    ['DELETE', '/v1/memory_stores/ms_1', '/an/v1/memory_stores/ms_1', anthropic],
    ['GET', '/v1/files/File_1/content', '/an/v1/files/File_1/content', anthropic],
    ['GET', '/v1/vaults', '/an/v1/vaults', { 'x-api-key': callerKey, authorization: '' }],
    ['GET', '/v1/messages/batches', '/an/v1/messages/batches', {}],
    ['GET', '/v1/projects/proj_1', '/oa/v1/projects/proj_1', {}],
    ['POST', '/v1/chatkit/sessions', '/oa/v1/chatkit/sessions', {}],
    ['POST', '/v1/content_provenance_checks', '/oa/v1/content_provenance_checks', {}],
    ['DELETE', '/v1/models/ft:gpt-4o:org::Ab', '/oa/v1/models/ft:gpt-4o:org::Ab', {}],
    ['GET', '/v1/chat/completions?limit=2', '/oa/v1/chat/completions?limit=2', {}],
    ['GET', '/v1/chat/completions/chatcmpl-Ab', '/oa/v1/chat/completions/chatcmpl-Ab', {}],
    ['GET', '/v1/conversations/conv_1/items', '/oa/v1/conversations/conv_1/items', {}],
    ['GET', '/v1/an_endpoint_of_next_year', '/oa/v1/an_endpoint_of_next_year', {}],
    ['GET', '/files', '/oa/v1/files', {}],
    ['HEAD', '/v1/files', '/oa/v1/files', {}],
    ['GET', '/v1/embeddings', '/oa/v1/embeddings', { 'x-api-key': callerKey, authorization: '' }],
  ])('%s %s', async (method, path, sent, headers) => {
    const { upstream, gateway, send } = await open()
    const body = method === 'POST' ? '{}' : ''
    expect(await send(path, method, body, headers as Record<string, string>)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.seen.at(-1)).toMatchObject({ method, url: sent })
    expect(JSON.stringify(upstream.seen.at(-1)?.headers)).not.toContain(callerKey)
    expect((await until('its outcome', () => gateway.journal.outcomes()[0])).outcome.status).toBe('ok')
  })

  test('outside /v1 nothing is guessed: the refusal says how a base URL must look', async () => {
    const { upstream, send } = await open()
    for (const path of ['/metrics', '/', '/api/v1/chat', '/favicon.ico', '/v1'])
      expect(await send(path, 'GET', '')).toMatch(/^HTTP\/1\.1 404 [\s\S]*base URL that ends in \/v1/)
    expect(upstream.seen).toEqual([])
  })
})

describe('a stored prompt', () => {
  test.each([false, true])('needs no model: it goes to the family’s first provider (streamed: %s)', async (stream) => {
    const { upstream, gateway, send } = await open()
    const body = JSON.stringify({ prompt: { id: 'pmpt_1' }, input: 'x', stream })
    expect(await send('/v1/responses', 'POST', body)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.seen.at(-1)).toMatchObject({ url: '/oa/v1/responses', headers: { authorization: 'Bearer key-oa' } })
    expect(String(upstream.seen.at(-1)?.body)).toBe(body)
    expect(gateway.journal.intents()[0]?.intent).toMatchObject({ requestedModel: null, model: null, provider: 'oa' })
  })

  test.each([
    ['/v1/responses', { prompt: { id: 'pmpt_1' }, model: '', input: 'x' }],
    ['/v1/responses', { prompt: { id: 7 }, input: 'x' }],
    ['/v1/responses', { prompt: null, input: 'x' }],
    ['/v1/chat/completions', { prompt: { id: 'pmpt_1' }, messages: [{ role: 'user', content: 'x' }] }],
  ])('is nothing else: %s %o lacks its model', async (path, body) => {
    const { upstream, send } = await open()
    expect(await send(path, 'POST', JSON.stringify(body))).toMatch(/^HTTP\/1\.1 400 [\s\S]*missing_model/)
    expect(upstream.seen).toEqual([])
  })
})

describe('an upgrade to WebSocket', () => {
  test.each(['/v1/responses', '/v1/realtime?model=gpt-realtime', '/anything', '/providers/oa/realtime'])(
    '%s is answered 426 in the caller’s family, so that clients go on over HTTP at once',
    async (path) => {
      const { upstream, send } = await open()
      const upgrade = {
        connection: 'close, Upgrade',
        upgrade: 'WebSocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }
      const answer = await send(path, 'GET', '', upgrade)
      expect(answer).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n[\s\S]*upgrade: HTTP\/1\.1\r\n/i)
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
        error: { code: 'upgrade_required' },
      })
      const anthropic = await send(path, 'GET', '', { ...upgrade, 'anthropic-version': '2023-06-01' })
      expect(anthropic).toMatch(/^HTTP\/1\.1 426 [\s\S]*"type":"error"/)
      expect(upstream.seen).toEqual([])
    },
  )

  test('one to HTTP/2, which some clients offer with every call, changes nothing', async () => {
    const { send } = await open()
    const offer = {
      connection: 'close, Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    }
    expect(await send('/v1/chat/completions', 'POST', chat(), offer)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('web pages', () => {
  const page = 'https://app.example.com'
  const preflight = {
    origin: page,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,x-stainless-lang',
  }

  test('may not call by default, and are told which setting lets them', async () => {
    const { send } = await open()
    const answer = await send('/v1/chat/completions', 'OPTIONS', '', preflight)
    expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*cors\.origins/)
    expect(answer).not.toMatch(/access-control-allow/i)
    expect(await send('/v1/chat/completions', 'POST', chat(), { origin: page })).not.toMatch(/access-control/i)
  })

  test('of a configured origin may call and read what they get, errors too; others may not', async () => {
    const { send } = await open({ origins: [page] })
    expect(await send('/v1/chat/completions', 'OPTIONS', '', preflight)).toMatch(
      /^HTTP\/1\.1 204 [\s\S]*access-control-allow-origin: https:\/\/app\.example\.com\r\n[\s\S]*access-control-allow-headers: authorization,x-stainless-lang\r\n/i,
    )
    for (const [path, body] of [
      ['/v1/chat/completions', chat()],
      ['/v1/chat/completions', '{'],
      ['/v1/files', '{}'],
      ['/nothing', ''],
    ] as const)
      expect(await send(path, 'POST', body, { origin: page })).toMatch(
        /access-control-allow-origin: https:\/\/app\.example\.com\r\n/i,
      )
    expect(await send('/v1/files', 'OPTIONS', '', { ...preflight, origin: 'https://other.example' })).toMatch(
      /^HTTP\/1\.1 403 /,
    )
    expect(await send('/v1/files', 'POST', '{}', { origin: 'https://other.example' })).not.toMatch(/allow-origin/i)
  })

  test('read by the gateway’s word alone: what a provider says of pages is for its own callers', async () => {
    const theirs = {
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-request-id',
      vary: 'accept-encoding',
      'content-type': 'application/json',
    }
    const upstream = await startUpstream((_request, response) => response.writeHead(200, theirs).end('{"data":[]}'))
    const open = async (origins: string[], origin?: string) => {
      const gateway = await startGateway({ origins, providers: [{ baseUrl: `${upstream.origin}/v1` }] })
      const { headers } = await fetch(`${gateway.url}/v1/files`, {
        headers: { authorization: `Bearer ${callerKey}`, ...(origin !== undefined && { origin }) },
      })
      return [...headers].filter(([name]) => /^access-control|^vary$/.test(name))
    }
    expect(await open([page], page)).toEqual([
      ['access-control-allow-origin', page],
      ['access-control-expose-headers', '*'],
      ['vary', 'accept-encoding, origin'],
    ])
    expect(await open([page], 'https://other.example')).toEqual([['vary', 'accept-encoding, origin']])
    expect(await open([], page)).toEqual([['vary', 'accept-encoding, origin']])
    // Whoever is no page gets the provider’s headers as they are.
    expect(await open([page])).toHaveLength(4)
  })

  test('a plain OPTIONS says which methods there are', async () => {
    const { upstream, send } = await open()
    expect(await send('/v1/files', 'OPTIONS', '')).toMatch(/^HTTP\/1\.1 204 [\s\S]*allow: GET, HEAD, POST/i)
    expect(upstream.seen).toEqual([])
  })
})
