/**
 * Addresses of the provider's own in its answers lead back through the gateway, so that no key of a caller leaves it.
 */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { callerKey, closeAll, startGateway, startUpstream, unexpected, until, type Upstream } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: string | Buffer
}

async function open(answers: (origin: string) => Record<string, Answer>) {
  const upstream: Upstream = await startUpstream((request, response) => {
    const {
      status = 200,
      headers = {},
      body = '{}',
    } = answers(upstream.origin)[request.url as string] ?? { status: 404 }
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  const gateway = await startGateway({
    providers: [
      { name: 'other', dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1', models: ['x'] },
      { name: 'an', dialect: 'anthropic', baseUrl: `${upstream.origin}/an`, apiKey: 'key-an', models: ['c'] },
      { name: 'oa', dialect: 'openai', baseUrl: `${upstream.origin}/oa/v1`, apiKey: 'key-oa', models: ['m'] },
    ],
  })
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(gateway.url + path, { headers: { authorization: `Bearer ${callerKey}`, ...headers }, redirect: 'manual' })
  return { upstream, gateway, get }
}

const batch = (url: string): string =>
  JSON.stringify({ id: 'msgbatch_1', type: 'message_batch', processing_status: 'ended', results_url: url })

describe('an address of the provider in its answer', () => {
  test('Anthropic’s client gets the results of a batch through the gateway, from the same provider', async () => {
    const results = '{"custom_id":"a","result":{"type":"canceled"}}\n'
    const { upstream, gateway } = await open((origin) => ({
      '/an/v1/messages/batches/msgbatch_1': { body: batch(`${origin}/an/v1/messages/batches/msgbatch_1/results`) },
      '/an/v1/messages/batches/msgbatch_1/results': {
        headers: { 'content-type': 'application/x-jsonl' },
        body: results,
      },
    }))
    const client = new Anthropic({
      baseURL: gateway.url,
      apiKey: callerKey,
      maxRetries: 0,
      defaultHeaders: { 'x-sinew-provider': 'an' },
    })
    const found = []
    for await (const result of await client.messages.batches.results('msgbatch_1')) found.push(result)
    expect(found).toEqual([{ custom_id: 'a', result: { type: 'canceled' } }])
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/an/v1/messages/batches/msgbatch_1',
      '/an/v1/messages/batches/msgbatch_1/results',
    ])
    for (const { headers } of upstream.seen) {
      expect(headers['x-api-key']).toBe('key-an')
      expect(JSON.stringify(headers)).not.toContain(callerKey)
    }
  })

  test('changes alone: all other bytes are the provider’s, and the record has the digest of what it sent', async () => {
    const text = (address: string): string =>
      `{ "data" : [ {"url":"${address}","n":1.50e3,"é":"\\u00e9"} ],\n  "next":"${address}?after=a%20b#c", "first_id":"x" }`
    const { upstream, gateway, get } = await open((origin) => ({
      '/oa/v1/batches': { body: text(`${origin}/oa/v1/batches/b_1`) },
    }))
    const answer = await (await get('/v1/batches')).text()
    expect(answer).toBe(text(`${gateway.url}/providers/oa/batches/b_1`))
    const { outcome, response } = await until('its outcome', () => gateway.journal.outcomes()[0])
    expect(response.toString()).toBe(answer)
    const sent = Buffer.from(text(`${upstream.origin}/oa/v1/batches/b_1`))
    expect(outcome.change?.upstream).toEqual({
      bytes: sent.length,
      digest: createHash('sha256').update(sent).digest('hex'),
    })
  })

  test.each([
    ['escaped slashes', (origin: string) => `{"u":"${`${origin}/oa/v1/x`.replaceAll('/', '\\/')}"}`, '/providers/oa/x'],
    ['the base itself', (origin: string) => `{"u":"${origin}/oa/v1"}`, '/providers/oa'],
    ['deep inside', (origin: string) => `{"a":[{"b":[[{"u":"${origin}/oa/v1/d"}]]}]}`, '/providers/oa/d'],
    [
      'the vendor’s own host, which a proxy passes on',
      () => '{"u":"https://api.openai.com/v1/files/f"}',
      '/providers/oa/files/f',
    ],
  ])('%s', async (_what, body, path) => {
    const { gateway, get } = await open((origin) => ({ '/oa/v1/files': { body: body(origin) } }))
    expect(await (await get('/v1/files')).text()).toContain(`"${gateway.url}${path}"`)
  })

  test('of somebody else, or in what people and models wrote, stays as it is', async () => {
    const body = (origin: string): string =>
      JSON.stringify({
        elsewhere: ['https://cdn.example.com/oa/v1/x', `${origin}/else/v1/x`, `${origin}/oa/v10`, 'not an address'],
        said: {
          text: `${origin}/oa/v1/files`,
          content: [{ text: `${origin}/oa/v1/files` }],
          metadata: { a: `${origin}/oa/v1/x` },
        },
        sentence: `see ${origin}/oa/v1/files`,
      })
    const { upstream, get } = await open((origin) => ({
      '/oa/v1/responses/r_1': { body: body(origin) },
      '/oa/v1/files/f/content': { headers: { 'content-type': 'application/octet-stream' }, body: body(origin) },
      '/oa/v1/files/g/content': { headers: { 'content-disposition': 'attachment' }, body: batch(`${origin}/oa/v1/x`) },
    }))
    expect(await (await get('/v1/responses/r_1')).text()).toBe(body(upstream.origin))
    expect(await (await get('/v1/files/f/content')).text()).toBe(body(upstream.origin))
    expect(await (await get('/v1/files/g/content')).text()).toBe(batch(`${upstream.origin}/oa/v1/x`))
  })

  test('is found in a compressed answer', async () => {
    const { gateway, get } = await open((origin) => ({
      '/oa/v1/batches/b': { headers: { 'content-encoding': 'gzip' }, body: gzipSync(batch(`${origin}/oa/v1/x`)) },
    }))
    expect(await (await get('/v1/batches/b')).text()).toBe(batch(`${gateway.url}/providers/oa/x`))
  })

  test('is found behind /providers/<name>/ too', async () => {
    const { gateway, get } = await open((origin) => ({ '/oa/v1/batches/b': { body: batch(`${origin}/oa/v1/x`) } }))
    expect(await (await get('/providers/oa/batches/b')).text()).toBe(batch(`${gateway.url}/providers/oa/x`))
  })

  test('leads to the gateway as its caller reaches it, also through a proxy in front', async () => {
    const { get } = await open((origin) => ({ '/oa/v1/batches/b': { body: batch(`${origin}/oa/v1/x`) } }))
    const answer = await get('/v1/batches/b', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'llm.example.com' })
    expect(await answer.text()).toBe(batch('https://llm.example.com/providers/oa/x'))
    const forged = await get('/v1/batches/b', { 'x-forwarded-proto': 'ftp', 'x-forwarded-host': 'a b"/' })
    expect(await forged.text()).toMatch(/"results_url":"http:\/\/127\.0\.0\.1:\d+\/providers\/oa\/x"/)
  })

  test.each([
    ['location', (origin: string) => `${origin}/oa/v1/files/f`, '/providers/oa/files/f', 302],
    ['location', () => '/oa/v1/files/f', '/providers/oa/files/f', 307],
    ['operation-location', (origin: string) => `${origin}/oa/v1/op?x=1`, '/providers/oa/op?x=1', 202],
  ])('in the header %s is changed too', async (name, value, path, status) => {
    const { gateway, get } = await open((origin) => ({ '/oa/v1/x': { status, headers: { [name]: value(origin) } } }))
    const answer = await get('/v1/x')
    expect(answer.status).toBe(status)
    expect(answer.headers.get(name)).toBe(gateway.url + path)
  })

  test('of Gemini’s uploads leads back too, and the name of a file, which is an address, stays one', async () => {
    const file = (origin: string): string =>
      JSON.stringify({
        file: {
          name: 'files/a',
          uri: `${origin}/google/v1beta/files/a`,
          downloadUri: `${origin}/google/v1beta/files/a:download`,
        },
      })
    const upstream = await startUpstream((_request, response) =>
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'x-goog-upload-url': `${upstream.origin}/upload/google/v1beta/files?upload_id=1`,
        })
        .end(file(upstream.origin)),
    )
    const gateway = await startGateway({
      providers: [
        { name: 'google', kind: 'google', baseUrl: `${upstream.origin}/google/v1beta`, models: ['gemini-3-pro'] },
      ],
    })
    const start = await fetch(`${gateway.url}/providers/google/upload/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
      body: '{}',
    })
    const own = `${gateway.url}/providers/google`
    expect(start.headers.get('x-goog-upload-url')).toBe(`${own}/upload/files?upload_id=1`)
    await start.text()
    expect(upstream.seen[0]?.url).toBe('/upload/google/v1beta/files')
    const got = await fetch(`${own}/files/a`, { headers: { authorization: `Bearer ${callerKey}` } })
    expect(await got.json()).toEqual({
      file: {
        name: 'files/a',
        uri: `${upstream.origin}/google/v1beta/files/a`,
        downloadUri: `${own}/files/a:download`,
      },
    })
    expect(upstream.seen[1]?.headers['x-goog-api-key']).toBe('sk-provider-secret')
  })

  test('pages named by link are changed, and a redirect elsewhere is not', async () => {
    const { gateway, get } = await open((origin) => ({
      '/oa/v1/x': {
        status: 303,
        headers: {
          link: `<${origin}/oa/v1/x?p=2>; rel="next", <https://a.example>; rel="up"`,
          location: 'https://a.example/f',
        },
      },
    }))
    const { headers } = await get('/v1/x')
    expect(headers.get('link')).toBe(`<${gateway.url}/providers/oa/x?p=2>; rel="next", <https://a.example>; rel="up"`)
    expect(headers.get('location')).toBe('https://a.example/f')
  })

  test('costs nothing where there is no body, and makes no stream of a raw call wait for its end', async () => {
    const { gateway, get } = await open((origin) => ({
      '/oa/v1/x': { headers: { 'content-length': '0' }, body: '' },
      '/oa/v1/batches/b': { headers: { 'content-length': '9' }, body: batch(`${origin}/oa/v1/x`).slice(0, 9) },
    }))
    expect((await get('/v1/x')).headers.get('content-length')).toBe('0')
    const head = await fetch(`${gateway.url}/v1/batches/b`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${callerKey}` },
    })
    expect(head.headers.get('content-length')).toBe('9')
    expect((await until('its outcome', () => gateway.journal.outcomes()[1])).outcome.status).toBe('ok')

    let finish = (): void => {}
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[{"part":1}')
      finish = () => response.end(']')
    })
    const raw = await startGateway({ providers: [{ name: 'g', baseUrl: upstream.origin, models: ['m'] }] })
    const answer = await fetch(`${raw.url}/providers/g/models/x:streamGenerateContent`, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${callerKey}` },
    })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('[{"part":1}')
    finish()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(']')
  })
})
