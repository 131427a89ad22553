import { createHash } from 'node:crypto'
import OpenAI, { toFile } from 'openai'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import {
  callerKey,
  closeAll,
  converse,
  startGateway,
  startUpstream,
  toRequest,
  unexpected,
  until,
  type Upstream,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

/** Two providers of the OpenAI dialect and one of Anthropic's, all answering what they were asked. */
async function open() {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-ratelimit-remaining': '7' })
    response.end(
      JSON.stringify({
        object: 'list',
        data: [{ embedding: [0.1, 1e-7] }],
        id: 'x',
        input_tokens: 12,
        model: 'm',
        path: request.url,
      }),
    )
  })
  const gateway = await startGateway({
    providers: [
      {
        name: 'first',
        dialect: 'openai',
        baseUrl: `${upstream.origin}/first/v1`,
        apiKey: 'key-first',
        models: ['embed-1', 'whisper'],
      },
      {
        name: 'second',
        dialect: 'openai',
        baseUrl: `${upstream.origin}/second/v1`,
        apiKey: 'key-second',
        models: ['embed-2', 'dall-e'],
      },
      {
        name: 'claude',
        dialect: 'anthropic',
        baseUrl: `${upstream.origin}/claude`,
        apiKey: 'key-claude',
        models: ['claude-x'],
      },
    ],
  })
  const openai = (headers: Record<string, string> = {}) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: callerKey, defaultHeaders: headers, maxRetries: 0 })
  const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: callerKey, maxRetries: 0 })
  return { upstream, gateway, openai, anthropic }
}

const last = ({ seen }: Upstream) => seen.at(-1)

describe('what is no generation passes through', () => {
  test('embeddings go to the provider of their model, without its prefix, byte for byte', async () => {
    const { upstream, gateway, openai } = await open()
    await openai().embeddings.create({ model: 'second/embed-2', input: 'Hé', encoding_format: 'float' })
    expect(last(upstream)).toMatchObject({
      method: 'POST',
      url: '/second/v1/embeddings',
      headers: { authorization: 'Bearer key-second' },
    })
    expect(JSON.parse(String(last(upstream)?.body))).toEqual({
      model: 'embed-2',
      input: 'Hé',
      encoding_format: 'float',
    })
    const raw = '{"model" : "embed-1","input":"x","dimensions":2.0e1}'
    const answer = await fetch(`${gateway.url}/v1/embeddings?trace=1`, {
      method: 'POST',
      body: raw,
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
    })
    expect(last(upstream)).toMatchObject({ url: '/first/v1/embeddings?trace=1' })
    expect(String(last(upstream)?.body)).toBe(raw)
    const text = await answer.text()
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('7')
    const id = answer.headers.get('x-sinew-exchange') ?? ''
    const recorded = await until('its outcome', () => gateway.journal.outcomeOf(id))
    expect(recorded.response.toString()).toBe(text)
    expect(recorded.outcome).toMatchObject({ status: 'ok', httpStatus: 200 })
    expect(gateway.journal.intents().find(({ intent }) => intent.id === id)?.intent).toMatchObject({
      endpoint: '/v1/embeddings',
      dialect: 'openai',
      provider: 'first',
      model: 'embed-1',
      requestedModel: 'embed-1',
    })
  })

  test('counted tokens go to a provider of the Anthropic dialect', async () => {
    const { upstream, anthropic } = await open()
    const { input_tokens } = await anthropic.messages.countTokens({
      model: 'claude-x',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(input_tokens).toBe(12)
    expect(last(upstream)).toMatchObject({
      url: '/claude/v1/messages/count_tokens',
      headers: { 'x-api-key': 'key-claude' },
    })
  })

  test('a form’s model chooses too, and its file arrives as it was sent', async () => {
    const { upstream, openai } = await open()
    const sound = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
    await openai().audio.transcriptions.create({ file: await toFile(sound, 'a.wav'), model: 'second/whisper-9' })
    const body = last(upstream)?.body as Buffer
    expect(last(upstream)?.url).toBe('/second/v1/audio/transcriptions')
    expect(body.includes('\r\n\r\nwhisper-9\r\n')).toBe(true)
    const at = body.indexOf(sound)
    expect(
      createHash('sha256')
        .update(body.subarray(at, at + sound.length))
        .digest('hex'),
    ).toBe(createHash('sha256').update(sound).digest('hex'))
  })

  test('without a model the provider of x-sinew-provider is called, else the first of the dialect', async () => {
    const { upstream, openai, anthropic } = await open()
    await openai().files.list()
    expect(last(upstream)).toMatchObject({
      method: 'GET',
      url: '/first/v1/files',
      headers: { authorization: 'Bearer key-first' },
    })
    expect(last(upstream)?.body.length).toBe(0)
    await openai({ 'x-sinew-provider': 'second' }).batches.retrieve('batch_1')
    expect(last(upstream)).toMatchObject({
      url: '/second/v1/batches/batch_1',
      headers: { authorization: 'Bearer key-second' },
    })
    expect(last(upstream)?.headers['x-sinew-provider']).toBeUndefined()
    await anthropic.messages.batches.list()
    expect(last(upstream)?.url).toBe('/claude/v1/messages/batches')
    await openai()
      .responses.retrieve('resp_1')
      .catch(() => {})
    expect(last(upstream)?.url).toBe('/first/v1/responses/resp_1')
    await openai().delete('/files/f1')
    expect(last(upstream)).toMatchObject({ method: 'DELETE', url: '/first/v1/files/f1' })
  })

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    '/providers/<name>/ takes %s to any path behind the provider’s address, and it is recorded',
    async (method) => {
      const { upstream, gateway } = await open()
      const body = method === 'GET' ? undefined : 'raw \u0000 bytes'
      const answer = await fetch(`${gateway.url}/providers/second/any/path%20here?q=1`, {
        method,
        headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'text/x-own' },
        ...(body !== undefined && { body }),
      })
      expect(answer.status).toBe(200)
      expect(last(upstream)).toMatchObject({
        method,
        url: '/second/v1/any/path%20here?q=1',
        headers: { authorization: 'Bearer key-second', 'content-type': 'text/x-own' },
      })
      expect(String(last(upstream)?.body)).toBe(body ?? '')
      const [intent] = gateway.journal.intents()
      expect(intent?.intent).toMatchObject({
        endpoint: '/providers/second/any/path%20here',
        provider: 'second',
        model: null,
      })
      expect((await until('its outcome', () => gateway.journal.outcomes()[0])).outcome.status).toBe('ok')
    },
  )

  test.each([
    ['/v1/embeddings', 'POST', '{"model":"claude-x","input":"x"}', {}, 404, 'unknown_url'],
    ['/v1/embeddings', 'POST', '{"model":"nobody/x"}', {}, 404, 'model_not_found'],
    ['/v1/files', 'GET', undefined, { 'x-sinew-provider': 'nobody' }, 404, 'unknown_provider'],
    ['/providers/nobody/x', 'GET', undefined, {}, 404, 'unknown_provider'],
  ] as const)(
    '%s that cannot go anywhere is refused in words that help, and recorded',
    async (path, method, body, headers, status, code) => {
      const { upstream, gateway } = await open()
      const answer = await fetch(gateway.url + path, {
        method,
        headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body }),
      })
      expect(answer.status).toBe(status)
      expect(await answer.json()).toMatchObject({ error: { code } })
      expect(upstream.seen).toEqual([])
      expect((await until('its record', () => gateway.journal.refused()[0])).outcome).toMatchObject({
        status: 'error',
        httpStatus: status,
      })
    },
  )

  test.each([
    '/providers/first/../../secret',
    '/providers/first/%2e%2E/secret',
    '/providers/first/a%2f..%2fsecret',
    '/providers/first/..\\secret',
    '/v1/files/../../secret',
  ])('%s would leave the provider’s address: it is refused, and nobody is called', async (path) => {
    const { upstream, gateway } = await open()
    const conversation = converse(gateway.port, toRequest(path, '{}'))
    await until('the refusal', () => conversation.text().includes('the path must not hold'))
    expect(conversation.text()).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.seen).toEqual([])
  })

  test('needs the caller’s key like everything else', async () => {
    const { upstream, gateway } = await open()
    for (const path of ['/v1/files', '/providers/first/files', '/v1/messages/count_tokens'])
      expect((await fetch(gateway.url + path, { method: 'POST' })).status).toBe(401)
    expect(upstream.seen).toEqual([])
    expect(gateway.journal.entries).toEqual([])
  })

  test('one model is described by its name', async () => {
    const { openai, anthropic } = await open()
    expect(await openai().models.retrieve('second/dall-e')).toMatchObject({ id: 'second/dall-e', owned_by: 'second' })
    expect(await anthropic.models.retrieve('claude-x')).toMatchObject({ type: 'model', id: 'claude-x' })
    await expect(openai().models.retrieve('nothing')).rejects.toMatchObject({ status: 404, param: 'model' })
  })
})
