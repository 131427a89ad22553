/** What could not be taken out of a body that is streamed never reaches its provider as a whole request. */
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { callerKey, closeAll, startGateway, startUpstream, unexpected, until } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const mebibyte = 1024 * 1024

async function open() {
  const upstream = await startUpstream((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  )
  const gateway = await startGateway({
    bodies: { generationMiB: 2, passThroughMiB: 16 },
    providers: [
      { name: 'oa', kind: 'openai', baseUrl: `${upstream.origin}/oa/v1`, models: ['gpt-4o'] },
      { name: 'second', baseUrl: `${upstream.origin}/second/v1`, models: ['whisper'] },
      { name: 'an', kind: 'anthropic', dialect: 'anthropic', baseUrl: `${upstream.origin}/an`, models: ['claude-*'] },
    ],
  })
  /** In pieces of its own choice, so that what is looked for may lie across two. */
  const send = (path: string, parts: (string | Buffer)[], type: string, more: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest(gateway.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${callerKey}`, 'content-type': type, ...more },
      })
      request.on('error', reject)
      request.on('response', (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      const next = (): void => {
        const part = parts.shift()
        if (part === undefined) request.end()
        else request.write(part, next)
      }
      next()
    })
  return { upstream, gateway, send }
}

const filler = 'x'.repeat(3 * mebibyte)
const ask = `{"role":"user","content":"${filler}"}`
const messages = (...blocks: string[]): string =>
  `{"model":"claude-sonnet-4-5","messages":[${ask},{"role":"assistant","content":[${blocks.join(',')}]},${ask}]}`
const thinking = (signature: string): string => `{"type":"thinking","thinking":"t","signature": "${signature}"}`
const responses = (item: string): string => `{"model":"gpt-4o","input":[${ask},${item},${ask}]}`

describe('a conversation too large to be held', () => {
  test.each([
    [
      'counted tokens with a proof of another maker',
      '/v1/messages/count_tokens',
      messages(thinking('sinew~google~signature~c~G')),
    ],
    [
      'behind its provider’s name',
      '/providers/an/v1/messages',
      messages('{"type":"redacted_thinking","data":"sinew~openai~encrypted~r~E"}'),
    ],
    ['thinking that nobody signed', '/v1/messages/count_tokens', messages(thinking(''))],
    [
      'an item under a made-up id',
      '/v1/responses/input_tokens',
      responses('{"type":"reasoning","id":"rs_abc_0","summary":[]}'),
    ],
    [
      'reasoning encrypted by another maker',
      '/v1/responses/compact',
      responses('{"type":"reasoning","encrypted_content":"sinew~google~signature~c~G"}'),
    ],
  ])('with %s is refused, and its provider gets no whole request', async (_what, path, body) => {
    const { upstream, gateway, send } = await open()
    const middle = body.indexOf('sinew~') < 0 ? body.indexOf('"rs_') + 3 : body.indexOf('sinew~') + 2
    const cut = middle > 2 ? middle : body.indexOf('"signature"') + 6
    const answer = await send(path, [body.slice(0, cut), body.slice(cut)], 'application/json')
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(/too large to take it out/)
    expect(upstream.seen).toEqual([])
    expect(gateway.journal.outcomes().concat(gateway.journal.refused()).at(-1)?.outcome).toMatchObject({
      status: 'error',
      errorCode: 'invalid_request',
    })
  })

  test('is refused too where the mark stands in its beginning', async () => {
    const { upstream, send } = await open()
    const body = `{"model":"claude-sonnet-4-5","messages":[{"role":"assistant","content":[${thinking('sinew~google~signature~c~G')}]},${ask}]}`
    expect((await send('/v1/messages/count_tokens', [body], 'application/json')).status).toBe(400)
    expect(upstream.seen).toEqual([])
  })

  test('with words that only look like a mark, and with real proofs, passes byte for byte', async () => {
    const { upstream, send } = await open()
    const body = messages(
      thinking('REAL'),
      '{"type":"text","text":"sinew~google~signature~a~b and \\"signature\\": \\"\\""}',
    )
    expect((await send('/v1/messages/count_tokens', [body], 'application/json')).status).toBe(200)
    expect(String(upstream.seen[0]?.body)).toBe(body)
  })
})

describe('a large form whose model stands behind its files', () => {
  const form = (model: string): (string | Buffer)[] => [
    '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n',
    Buffer.alloc(3 * mebibyte, 7),
    `\r\n--b\r\ncontent-disposition: form-data; name="mo`,
    `del"\r\n\r\n${model}\r\n--b--\r\n`,
  ]
  const type = 'multipart/form-data; boundary=b'

  test('is refused where the model names a provider: its prefix would reach another one', async () => {
    const { upstream, send } = await open()
    const answer = await send('/v1/audio/transcriptions', form('second/whisper'), type)
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(/model names a provider, but comes too late[\s\S]*x-sinew-provider/)
    expect(upstream.seen).toEqual([])
  })

  test('passes where it names none, or where the provider is named by its header', async () => {
    const { upstream, send } = await open()
    expect((await send('/v1/audio/transcriptions', form('whisper-1'), type)).status).toBe(200)
    expect(
      (await send('/v1/audio/transcriptions', form('whisper'), type, { 'x-sinew-provider': 'second' })).status,
    ).toBe(200)
    await until('both', () => upstream.seen.length === 2)
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/oa/v1/audio/transcriptions',
      '/second/v1/audio/transcriptions',
    ])
  })
})
