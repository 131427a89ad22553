/** Bodies that are large, or compressed: how much is taken, what goes on to the provider, and what the record says. */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import OpenAI, { toFile } from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { callerKey, chat, closeAll, startGateway, startUpstream, unexpected, until } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const mebibyte = 1024 * 1024
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const headers = { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' }

async function open(bodies = { generationMiB: 2, passThroughMiB: 8 }) {
  const upstream = await startUpstream((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"file-1"}'),
  )
  const gateway = await startGateway({
    bodies,
    providers: [
      { name: 'first', baseUrl: `${upstream.origin}/first/v1`, models: ['m'] },
      { name: 'second', baseUrl: `${upstream.origin}/second/v1`, models: ['w'] },
    ],
  })
  return { upstream, gateway }
}

/** Sends bytes of any number without a length before them, if `chunked`. */
function send(url: string, parts: Buffer[], { chunked = false, ...extra }: Record<string, string | boolean> = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const length = String(parts.reduce((sum, part) => sum + part.length, 0))
    const request = httpRequest(url, {
      method: 'POST',
      headers: { ...headers, ...(!chunked && { 'content-length': length }), ...(extra as Record<string, string>) },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    for (const part of parts) request.write(part)
    request.end()
  })
}

const noise = (bytes: number): Buffer => {
  const part = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at++) part[at] = (at * 2_654_435_761) >>> 13
  return part
}

describe('a large body that is no prompt', () => {
  test.each([false, true])(
    'is streamed to the provider byte for byte; the record has its beginning, length and digest (chunked: %s)',
    async (chunked) => {
      const { upstream, gateway } = await open()
      const parts = Array.from({ length: 5 }, () => noise(mebibyte))
      const answer = await send(`${gateway.url}/v1/files`, parts, {
        chunked,
        'content-type': 'application/octet-stream',
      })
      expect(answer).toMatchObject({ status: 200, text: '{"id":"file-1"}' })
      const body = Buffer.concat(parts)
      const [arrived] = upstream.seen
      expect(arrived?.headers['content-length']).toBe(chunked ? undefined : String(body.length))
      expect(sha256(arrived?.body as Buffer)).toBe(sha256(body))
      const [intent] = gateway.journal.intents()
      expect(intent?.request.length).toBe(mebibyte)
      expect(intent?.request.equals(body.subarray(0, mebibyte))).toBe(true)
      // Another length than that of what is kept says that it is not all.
      expect(intent?.intent.requestBytes).toBeGreaterThan(mebibyte)
      const { outcome } = await until('its outcome', () => gateway.journal.outcomes()[0])
      expect(outcome).toMatchObject({ status: 'ok', change: { upload: { bytes: body.length, digest: sha256(body) } } })
    },
  )

  test('goes to the provider of the model that its beginning names, without the prefix', async () => {
    const { upstream, gateway } = await open()
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0 })
    const sound = noise(3 * mebibyte)
    const form = (order: string[]): FormData => {
      const data = new FormData()
      for (const name of order)
        if (name === 'model') data.append('model', 'second/whisper')
        else data.append('file', new Blob([new Uint8Array(sound)]), 'a.wav')
      return data
    }
    const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: headers.authorization },
      body: form(['model', 'file']),
    })
    expect(answer.status).toBe(200)
    expect(upstream.seen.at(-1)?.url).toBe('/second/v1/audio/transcriptions')
    expect(upstream.seen.at(-1)?.body.includes('\r\n\r\nwhisper\r\n')).toBe(true)
    expect(upstream.seen.at(-1)?.body.includes(sound)).toBe(true)
    await openai.files.create({ file: await toFile(sound, 'a.jsonl'), purpose: 'batch' })
    expect(upstream.seen.at(-1)?.url).toBe('/first/v1/files')
    expect(upstream.seen.at(-1)?.body.includes(sound)).toBe(true)
    await send(`${gateway.url}/v1/embeddings`, [
      Buffer.from(`{"model":"second/e","input":"${'x'.repeat(3 * mebibyte)}"}`),
    ])
    expect(upstream.seen.at(-1)?.url).toBe('/second/v1/embeddings')
    expect(JSON.parse(String(upstream.seen.at(-1)?.body))).toMatchObject({ model: 'e' })
  })

  test('passes behind /providers/<name>/ too', async () => {
    const { upstream, gateway } = await open()
    const body = noise(3 * mebibyte)
    expect((await send(`${gateway.url}/providers/second/files`, [body])).status).toBe(200)
    expect(sha256(upstream.seen[0]?.body as Buffer)).toBe(sha256(body))
  })

  test.each([
    ['/v1/files', false, 8],
    ['/v1/files', true, 8],
    ['/v1/chat/completions', false, 2],
    ['/v1/chat/completions', true, 2],
    ['/providers/first/files', false, 8],
  ])('above the limit of %s it is a 413 that names it (chunked: %s)', async (path, chunked, limit) => {
    const { upstream, gateway } = await open()
    const parts = Array.from({ length: limit + 1 }, () => noise(mebibyte))
    const answer = await send(gateway.url + path, parts, { chunked })
    expect(answer.status).toBe(413)
    expect(answer.text).toContain(`larger than ${limit} MiB`)
    expect(upstream.seen).toEqual([])
  })

  test('may be limited to less than a prompt', async () => {
    const { upstream, gateway } = await open({ generationMiB: 4, passThroughMiB: 1 })
    for (const chunked of [false, true]) {
      const answer = await send(`${gateway.url}/v1/files`, [noise(2 * mebibyte)], { chunked })
      expect(answer.status).toBe(413)
      expect(answer.text).toContain('larger than 1 MiB')
    }
    expect(upstream.seen).toEqual([])
  })

  test('whose sender leaves is not completed at the provider', async () => {
    const { upstream, gateway } = await open()
    const request = httpRequest(`${gateway.url}/v1/files`, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(5 * mebibyte) },
    })
    request.on('error', () => {})
    request.write(noise(3 * mebibyte))
    await until('the intent', () => gateway.journal.intents()[0])
    request.destroy()
    const { outcome } = await until('its outcome', () => gateway.journal.outcomes()[0])
    expect(outcome.status).toBe('cancelled')
    expect(upstream.seen).toEqual([])
  })
})

describe('a compressed body', () => {
  const encoders: [string, (bytes: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['Deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['gzip, zstd', (bytes) => zstdCompressSync(gzipSync(bytes))],
  ]

  test.each(encoders)('in %s is read, sent on plain and recorded plain, with what came', async (encoding, encode) => {
    const { upstream, gateway } = await open()
    const plain = Buffer.from(chat({ messages: [{ role: 'user', content: 'Grüße '.repeat(500) }] }))
    const came = encode(plain)
    for (const path of ['/v1/chat/completions', '/v1/embeddings', '/v1/files']) {
      expect((await send(gateway.url + path, [came], { 'content-encoding': encoding })).status).toBe(200)
      const arrived = upstream.seen.at(-1)
      expect(arrived?.body.equals(plain)).toBe(true)
      expect(arrived?.headers['content-encoding']).toBeUndefined()
      expect(arrived?.headers['content-length']).toBe(String(plain.length))
      const { intent, request } = gateway.journal.intents().at(-1)!
      expect(request.equals(plain)).toBe(true)
      expect(intent.requestBytes).toBe(plain.length)
      expect(intent.headers.map(([name]) => name)).not.toContain('content-encoding')
      expect(intent.decision?.encoded).toEqual({
        encoding: encoding.toLowerCase(),
        bytes: came.length,
        digest: sha256(came),
      })
    }
  })

  test('behind /providers/<name>/ stays as it came', async () => {
    const { upstream, gateway } = await open()
    const came = gzipSync('{}')
    await send(`${gateway.url}/providers/first/x`, [came], { 'content-encoding': 'gzip' })
    expect(upstream.seen[0]?.body.equals(came)).toBe(true)
    expect(upstream.seen[0]?.headers['content-encoding']).toBe('gzip')
  })

  test.each([
    ['that nobody knows is a 415 that names it', 'lz4', Buffer.from('xx'), 415, 'lz4'],
    ['nested too deep is a 415', 'gzip, gzip, gzip, gzip', gzipSync('{}'), 415, 'gzip'],
    ['that is damaged is a 400', 'zstd', Buffer.from('no zstd at all'), 400, 'zstd'],
    ['that was cut is a 400', 'gzip', gzipSync(noise(50_000)).subarray(0, 200), 400, 'gzip'],
    ['that grows beyond the limit is a 413', 'gzip', gzipSync(Buffer.alloc(9 * mebibyte)), 413, 'MiB'],
    [
      'that grows beyond the limit twice is a 413',
      'gzip, br',
      brotliCompressSync(gzipSync(Buffer.alloc(9 * mebibyte))),
      413,
      'MiB',
    ],
  ])('%s', async (_guarantee, encoding, body, status, words) => {
    const { upstream, gateway } = await open()
    for (const path of ['/v1/chat/completions', '/v1/files', '/v1/messages']) {
      const answer = await send(gateway.url + path, [body], { 'content-encoding': encoding })
      expect(answer.status).toBe(status)
      expect(answer.text).toContain(words)
    }
    expect(upstream.seen).toEqual([])
    expect(gateway.journal.refused().every(({ request }) => request.length === 0)).toBe(true)
  })

  test('of feedback is read too', async () => {
    const { gateway } = await open()
    const body = JSON.stringify({
      id: 'a',
      exchange: '01234567-0123-0123-0123-0123456789ab',
      metric: 'ok',
      value: true,
    })
    expect((await send(`${gateway.url}/v1/feedback`, [gzipSync(body)], { 'content-encoding': 'gzip' })).status).toBe(
      202,
    )
    expect(
      (await send(`${gateway.url}/v1/feedback`, [gzipSync(Buffer.alloc(mebibyte))], { 'content-encoding': 'gzip' }))
        .status,
    ).toBe(413)
  })
})
