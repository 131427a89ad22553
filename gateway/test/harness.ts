/**
 * A gateway with everything real but its journal, and upstreams that are real servers. Waits are for conditions, never
 * for time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AliasConfig, RetriesConfig } from '../../db/words/alias.ts'
import type { Intent, JournalEntry, Outcome } from '../../db/journal/records.ts'
import type { JournalWriter } from '../../db/journal/writer.ts'
import type { BodiesConfig, JournalConfig, KeyConfig } from '../../db/words/config.ts'
import type { ProviderConfig } from '../../db/words/provider.ts'
import { openGateway, type Gateway } from '../gateway.ts'

export const callerKey = 'sk-sinew-caller-0123456789abcdef0123456789'
export const providerKey = 'sk-provider-secret'

/** A journal in memory whose writes can be held back, or refused. */
export class TestJournal {
  full = false
  entries: JournalEntry[] = []
  /** Decides for each entry: pass it on at once, when `done` is called, or with an error. */
  onAppend: (entry: JournalEntry, done: (error: Error | null) => void) => void = (_entry, done) =>
    setImmediate(done, null)

  append: JournalWriter['append'] = (entry, done) => {
    this.onAppend(entry, (error) => {
      if (error === null) this.entries.push(entry)
      done(error)
    })
  }
  close = (): Promise<void> => Promise.resolve()

  intents(): { intent: Intent; request: Buffer; sent: Buffer | null }[] {
    return this.entries.flatMap((entry) => (entry.kind === 'intent' ? [entry] : []))
  }
  refused(): { intent: Intent; outcome: Outcome; request: Buffer; response: Buffer }[] {
    return this.entries.flatMap((entry) => (entry.kind === 'refused' ? [entry] : []))
  }
  outcomes(): { outcome: Outcome; response: Buffer }[] {
    return this.entries.flatMap((entry) => (entry.kind === 'outcome' ? [entry] : []))
  }
  /** The last outcome of an exchange is the one that counts. */
  outcomeOf(id: string): { outcome: Outcome; response: Buffer } | undefined {
    return this.outcomes().findLast(({ outcome }) => outcome.id === id)
  }
}

export interface TestGateway {
  url: string
  port: number
  journal: TestJournal
  gateway: Gateway
  dataDir: string
}

const cleanups: (() => Promise<unknown> | void)[] = []

/** Call it after each test: closes what was opened, last first. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

export function atEnd(cleanup: () => Promise<unknown> | void): void {
  cleanups.push(cleanup)
}

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sinew-gateway-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface GatewayOptions {
  providers?: Partial<ProviderConfig>[]
  keys?: KeyConfig[]
  journal?: JournalWriter | null
  recording?: JournalConfig['recording']
  whenFull?: JournalConfig['whenFull']
  dataDir?: string
  drainMs?: number
  keepAliveMs?: number
  untranslatable?: 'refuse' | 'drop'
  sharedPatterns?: boolean
  bodies?: BodiesConfig
  origins?: string[]
  models?: AliasConfig[]
  retries?: RetriesConfig
  /** Without it none: test and gateway share one event loop, and what the test does in it is no overload. */
  maxLagMs?: number
}

export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const dataDir = options.dataDir ?? makeFolder()
  const journal = new TestJournal()
  const used = options.recording === 'off' ? null : (options.journal ?? (journal as unknown as JournalWriter))
  const gateway = await openGateway({
    config: {
      dataDir,
      databaseUrl: null,
      redisUrl: null,
      providers: (options.providers ?? []).map(toProvider),
      journal: { recording: options.recording ?? 'on', durability: 'process', whenFull: options.whenFull ?? 'refuse' },
      untranslatable: options.untranslatable ?? 'refuse',
      learning: { patterns: { shared: options.sharedPatterns ?? false } },
      bodies: options.bodies ?? { generationMiB: 32, passThroughMiB: 512 },
      cors: { origins: options.origins ?? [] },
      ...(options.models && { models: options.models }),
      ...(options.retries && { retries: options.retries }),
    },
    keys: options.keys ?? [{ name: 'demo', key: callerKey, team: 'default' }],
    journal: used,
    temporal: { address: '127.0.0.1:1', namespace: 'default' },
    maxLagMs: options.maxLagMs ?? Number.POSITIVE_INFINITY,
    log: { info: () => {}, warn: () => {}, error: (...words: unknown[]) => unexpected.push(words) },
    ...(options.drainMs !== undefined && { drainMs: options.drainMs }),
    ...(options.keepAliveMs !== undefined && { keepAliveMs: options.keepAliveMs }),
  })
  atEnd(() => gateway.close())
  const url = await gateway.listen('127.0.0.1', 0)
  return { url, port: Number(new URL(url).port), journal, gateway, dataDir }
}

/** What the gateway logged as its own failure; a test that expects none checks that this is empty. */
export const unexpected: unknown[] = []

export function toProvider(provider: Partial<ProviderConfig>): ProviderConfig {
  return {
    name: 'mock',
    kind: `${provider.dialect ?? 'openai'}-compatible`,
    dialect: 'openai',
    baseUrl: 'http://127.0.0.1:1/v1',
    apiKey: providerKey,
    models: ['m'],
    timeouts: { connectMs: 2_000, firstByteMs: 30_000, idleMs: 30_000 },
    ...provider,
  }
}

export interface Upstream {
  origin: string
  server: Server
  /** What arrived, in order; bodies whole. */
  seen: { method: string; url: string; rawHeaders: string[]; headers: IncomingMessage['headers']; body: Buffer }[]
}

/** A provider's stand-in: sees the whole request, then answers as the test says. */
export async function startUpstream(answer: RequestListener): Promise<Upstream> {
  const seen: Upstream['seen'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        rawHeaders: request.rawHeaders,
        headers: request.headers,
        body: Buffer.concat(chunks),
      })
      answer(request, response)
    })
  })
  const port = await listen(server)
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${port}`, server, seen }
}

/** A stand-in that writes bytes of its own choice on the connection, once the request's head and body have come. */
export async function startRawUpstream(answer: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      text = ''
      answer(socket)
    })
  })
  const port = await listen(server)
  atEnd(() => void server.close())
  return `http://127.0.0.1:${port}`
}

async function listen(server: {
  listen(port: number, host: string, done: () => void): unknown
  address(): AddressInfo | string | null
}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Below the test runner's own limit, so that a failure says what was waited for. */
const patienceMs = 50_000

/** Waits until `find` gives something; throws with `what` when it never does. */
export async function until<T>(what: string, find: () => T | undefined | null | false): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = find()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export interface RawConversation {
  socket: Socket
  /** Everything received so far. */
  text(): string
  bytes(): Buffer
  closed: Promise<void>
  isClosed(): boolean
}

/** Speaks HTTP by hand, to see exactly which bytes come and when. */
export function converse(port: number, request: string | Buffer): RawConversation {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  let over = false
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      over = true
      resolve()
    })
  })
  atEnd(() => void socket.destroy())
  socket.write(request)
  return {
    socket,
    text: () => Buffer.concat(chunks).toString('latin1'),
    bytes: () => Buffer.concat(chunks),
    closed,
    isClosed: () => over,
  }
}

/** The body that has come so far, without the framing of its chunks. */
export function readChunks(conversation: RawConversation): Buffer {
  const bytes = conversation.bytes()
  const parts: Buffer[] = []
  for (let at = bytes.indexOf('\r\n\r\n') + 4; at > 3 && at < bytes.length;) {
    const line = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (line < 0 || !(length > 0)) break
    parts.push(bytes.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
  return Buffer.concat(parts)
}

export function toRequest(path: string, body: string | Buffer, headers: Record<string, string> = {}): Buffer {
  const all = {
    host: 'gateway',
    authorization: `Bearer ${callerKey}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const head = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), Buffer.from(body)])
}

export const chat = (body: object = {}): string =>
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...body })
