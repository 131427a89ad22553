/** The usage of chat streams is on the record although nobody asked; the caller's bytes are those of a direct call. */
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { ProviderConfig } from '../../db/words/provider.ts'
import {
  callerKey,
  chat,
  closeAll,
  startGateway,
  startUpstream,
  unexpected,
  until,
  type GatewayOptions,
} from './harness.ts'
import { answerLikeProvider, openaiStream, openaiUsageStream } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

async function open(options: GatewayOptions = {}, provider: Partial<ProviderConfig> = {}) {
  const upstream = await startUpstream((request, response) =>
    answerLikeProvider(request, response, JSON.parse(String(upstream.seen.at(-1)?.body))),
  )
  const gateway = await startGateway({
    providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1`, ...provider }],
    ...options,
  })
  const ask = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
      body,
    })
    const text = await response.text()
    const recorded =
      gateway.journal.intents().length === 0
        ? undefined
        : await until('its outcome', () => gateway.journal.outcomeOf(gateway.journal.intents().at(-1)!.intent.id))
    return { text, recorded, sent: upstream.seen.at(-1)!.body.toString() }
  }
  return { gateway, upstream, ask }
}

const direct = openaiStream.join('')
const stated = { inputTokens: 19, outputTokens: 10, cachedInputTokens: 0, reasoningTokens: 0 }

test('a stream that does not ask: its usage is asked for and recorded, and the caller gets what a direct call gives', async () => {
  const { ask } = await open()
  const body = chat({ stream: true })
  const { text, recorded, sent } = await ask(body)
  expect(sent).toBe(body.replace('{', '{"stream_options":{"include_usage":true},'))
  expect(text).toBe(direct)
  expect(recorded?.outcome).toMatchObject({
    status: 'ok',
    usage: stated,
    responseBytes: Buffer.byteLength(direct),
    change: { upstream: { bytes: Buffer.byteLength(openaiUsageStream.join('')) } },
  })
  expect(recorded?.response.toString()).toBe(direct)
})

test('a stream that says it wants none is no different', async () => {
  const { ask } = await open()
  const body = chat({ stream: true, stream_options: { include_usage: false, include_obfuscation: true } })
  const { text, recorded, sent } = await ask(body)
  expect(sent).toBe(body.replace('"include_usage":false', '"include_usage":true'))
  expect(text).toBe(direct)
  expect(recorded?.outcome.usage).toEqual(stated)
})

test('a stream that asks gets the upstream’s bytes, usage and all', async () => {
  const { gateway, ask } = await open()
  const body = chat({ stream: true, stream_options: { include_usage: true } })
  const { text, sent, recorded } = await ask(body)
  expect([sent, text]).toEqual([body, openaiUsageStream.join('')])
  expect(gateway.journal.intents()[0]?.sent).toBeNull()
  expect(recorded?.outcome).not.toHaveProperty('change')
})

test('a server that nobody knows and that tells its usage to everybody keeps its bytes, and is not asked again', async () => {
  const volunteered = [
    ...openaiStream.slice(0, -1),
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 19, completion_tokens: 10 } })}\n\n`,
    'data: [DONE]\n\n',
  ].join('')
  const upstream = await startUpstream(
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(volunteered),
  )
  const gateway = await startGateway({ providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }] })
  for (const asked of [true, false, false]) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}` },
      body: chat({ stream: true }),
    })
    expect(await response.text()).toBe(volunteered)
    expect(upstream.seen.at(-1)?.body.includes('include_usage')).toBe(asked)
    const { id } = gateway.journal.intents().at(-1)!.intent
    const recorded = await until('its outcome', () => gateway.journal.outcomeOf(id))
    expect(recorded.response.toString()).toBe(volunteered)
  }
})

test('a server that nobody knows and that tells its usage to nobody is not asked again', async () => {
  const upstream = await startUpstream(
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(direct),
  )
  const gateway = await startGateway({ providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }] })
  for (const asked of [true, false]) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}` },
      body: chat({ stream: true }),
    })
    expect(await response.text()).toBe(direct)
    expect(upstream.seen.at(-1)?.body.includes('include_usage')).toBe(asked)
  }
})

test('nothing is asked of a provider whose row does not allow it, where nothing is recorded, or for an answer that is no stream', async () => {
  for (const [options, provider, body] of [
    [{}, { kind: 'mistral' }, chat({ stream: true })],
    [{ recording: 'off' }, {}, chat({ stream: true })],
    [{}, {}, chat({ stream: false })],
    [{}, {}, chat()],
  ] as const) {
    const { ask } = await open(options, provider)
    expect((await ask(body)).sent).toBe(body)
  }
})

test('how the caller takes its bytes is still its own to say, and a stream that comes compressed passes early and as it is', async () => {
  const body = gzipSync(openaiUsageStream.join(''))
  const upstream = await startUpstream(
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(body),
  )
  const gateway = await startGateway({ providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }] })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'accept-encoding': 'gzip, br' },
    body: chat({ stream: true }),
  })
  expect(await response.text()).toBe(openaiUsageStream.join(''))
  expect(upstream.seen[0]?.headers['accept-encoding']).toBe('gzip, br')
  const recorded = await until('its outcome', () => gateway.journal.outcomes().at(-1))
  expect(recorded.response.equals(body)).toBe(true)
})

test('an error in place of the stream passes as it is', async () => {
  const error = '{"error":{"message":"no","type":"invalid_request_error"},"usage":null}'
  const upstream = await startUpstream(
    (_request, response) => void response.writeHead(429, { 'content-type': 'application/json' }).end(error),
  )
  const gateway = await startGateway({ providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }] })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}` },
    body: chat({ stream: true }),
  })
  expect([response.status, await response.text()]).toEqual([429, error])
})

test('a server that refuses the question is not asked again; one that refuses something else is', async () => {
  const refusal = (param: string): string =>
    JSON.stringify({
      error: {
        message: `Unknown parameter: '${param}'`,
        type: 'invalid_request_error',
        param,
        code: 'unknown_parameter',
      },
    })
  const upstream = await startUpstream((_request, response) => {
    const body = JSON.parse(String(upstream.seen.at(-1)?.body)) as { seed?: number; stream_options?: object }
    if (body.seed === undefined && body.stream_options === undefined)
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(direct)
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(refusal(body.seed === undefined ? 'stream_options' : 'seed'))
  })
  const gateway = await startGateway({ providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }] })
  const ask = async (extra: object): Promise<[number, boolean]> => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}` },
      body: chat({ stream: true, ...extra }),
    })
    await response.text()
    return [response.status, upstream.seen.at(-1)!.body.includes('stream_options')]
  }
  expect(await ask({ seed: 1 })).toEqual([400, true])
  expect(await ask({})).toEqual([400, true])
  expect(await ask({})).toEqual([200, false])
})
