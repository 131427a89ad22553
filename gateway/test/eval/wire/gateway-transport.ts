/**
 * The way through a gateway that really runs, sockets included: callers on one side, one upstream of each wire on the
 * other.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProviderConfig } from '../../../../db/words/provider.ts'
import type { ProviderWire } from '../../../../db/words/wire.ts'
import { openGateway } from '../../../gateway.ts'
import type { JournalWriter } from '../../../../db/journal/writer.ts'
import { TestJournal } from '../../harness.ts'
import type { WireCall, WireOutcome, WireTransport } from './transport.ts'

const key = 'sk-wire-evaluation-of-recorded-rows'
const endpoints = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const
const wires: ProviderWire[] = ['chat', 'responses', 'messages', 'google']

export interface GatewayTransport extends WireTransport {
  close(): Promise<void>
}

export async function openGatewayTransport(): Promise<GatewayTransport> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sinew-wire-'))
  let call: WireCall | null = null
  let seen: string | undefined
  const upstream = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen = Buffer.concat(chunks).toString('utf8')
      void reply(response, call as WireCall)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const journal = new TestJournal()
  // One gateway for each wire, because the rows' own names of models choose none.
  const gateways = new Map<ProviderWire, { port: number; close(): Promise<void> }>()
  for (const wire of wires) {
    const gateway = await openGateway({
      config: {
        dataDir,
        databaseUrl: null,
        redisUrl: null,
        providers: [toProvider(wire, origin)],
        journal: { recording: 'on', durability: 'process', whenFull: 'refuse' },
        untranslatable: 'drop',
      },
      keys: [{ name: 'evaluation', key, team: 'default' }] as Parameters<typeof openGateway>[0]['keys'],
      journal: journal as unknown as JournalWriter,
      temporal: { address: '127.0.0.1:1', namespace: 'default' },
      log: { info: () => {}, warn: () => {}, error: (...words: unknown[]) => console.error(...words) },
    })
    gateways.set(wire, {
      port: Number(new URL(await gateway.listen('127.0.0.1', 0)).port),
      close: () => gateway.close(),
    })
  }

  return {
    async exchange(next) {
      call = next
      seen = undefined
      journal.entries = []
      const path = next.raw === true ? `/providers/up${next.path === '' ? '/' : next.path}` : endpoints[next.caller]
      const answer = await post(gateways.get(next.upstream)?.port as number, path, next.request)
      const last = journal.entries.findLast((entry) => entry.kind === 'outcome' || entry.kind === 'refused')
      const record = last && { outcome: last.outcome, response: last.response }
      return { ...answer, upstreamSaw: seen, record }
    },
    async close() {
      for (const gateway of gateways.values()) await gateway.close()
      upstream.closeAllConnections()
      await new Promise((resolve) => upstream.close(resolve))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function toProvider(wire: ProviderWire, origin: string): ProviderConfig {
  const kind = wire === 'google' ? 'google' : wire === 'messages' ? 'anthropic-compatible' : 'openai-compatible'
  return {
    name: 'up',
    kind,
    dialect: wire === 'messages' ? 'anthropic' : 'openai',
    baseUrl: origin,
    apiKey: 'upstream-key',
    models: ['*'],
    wires: [wire],
    timeouts: { connectMs: 5_000, firstByteMs: 30_000, idleMs: 30_000 },
  }
}

async function reply(response: ServerResponse, { reply: { status, contentType, chunks } }: WireCall): Promise<void> {
  response.writeHead(status, { 'content-type': contentType })
  for (const chunk of chunks)
    if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve))
  response.end()
}

/** What came until the answer ended, or was cut. */
function post(port: number, path: string, body: string): Promise<Omit<WireOutcome, 'upstreamSaw' | 'record'>> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const request = send({ host: '127.0.0.1', port, path, method: 'POST', headers }, (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      const finish = (): void => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          dropped: readDropped(response.headers['x-sinew-dropped'], text),
        })
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', finish)
      response.on('error', finish)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Named in the header, or, in a stream whose head was out by then, in a comment. */
function readDropped(header: string | string[] | undefined, body: string): string[] {
  const told = [header, /^: x-sinew-dropped: (.*)$/m.exec(body)?.[1]].flat()
  return [...new Set(told.flatMap((names) => (names?.split(', ') ?? []).map((name) => name.replace(/ \(.*\)$/, ''))))]
}
