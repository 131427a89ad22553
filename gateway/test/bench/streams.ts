/**
 * `node gateway/test/bench/streams.ts [rounds]`: whether streams keep their pace. Each event carries the moment its
 * upstream wrote it, and its reader notes when it came. What counts is by how much the gaps between events differ from
 * those they were sent with, beside the same of a direct call: the ways take turns, on the same cores, and a busy
 * machine shows in both.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { percentile } from './figures.ts'
import { openServer, stopAll } from './processes.ts'

const repository = resolve(import.meta.dirname, '../../..')
const readers = 4
const tools = [{ type: 'function', function: { name: 'lookup' } }]
const ways = [
  { name: 'direct', key: null, model: 'm', body: { stream_options: { include_usage: true } } },
  { name: 'bytes untouched', key: 'plain', model: 'chat/m', body: { stream_options: { include_usage: true } } },
  { name: 'usage asked for and cut out', key: 'plain', model: 'chat/m', body: {} },
  { name: 'usage, and names put back', key: 'named', model: 'chat/m', body: { tools } },
  { name: 'translated', key: 'plain', model: 'messages/m', body: {} },
] as const
type Way = (typeof ways)[number]

interface Figures {
  /** Milliseconds between what a gap was and what it became. */
  gaps: number[]
  /** Milliseconds from being written to being read. */
  delays: number[]
  firstDelays: number[]
}

const keys: Record<string, string> = { plain: `sk-plain-${'0'.repeat(32)}`, named: `sk-named-${'0'.repeat(32)}` }

async function main(rounds: number, folder: string): Promise<void> {
  const upstream = openServer('upstream', {
    file: process.execPath,
    args: [join(import.meta.dirname, 'paced-upstream.ts')],
  })
  const [, port] = await upstream.line(/^(\d+)$/, 20_000)
  const upstreamUrl = `http://127.0.0.1:${port}`
  const configuration = join(folder, 'sinew.yaml')
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  writeFileSync(
    configuration,
    `providers:
  - { name: chat, dialect: openai, baseUrl: "${upstreamUrl}/v1" }
  - { name: messages, dialect: anthropic, baseUrl: "${upstreamUrl}" }
keys:
  - { name: plain, key: ${keys.plain} }
  - { name: named, key: ${keys.named}, toolNamespace: session }
`,
  )
  const gateway = openServer('gateway', {
    file: process.execPath,
    args: [join(repository, 'gateway/server.ts')],
    cwd: repository,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      SINEW_CONFIG: configuration,
      SINEW_DATA_DIR: dataDir,
    },
  })
  const [, gatewayUrl] = await gateway.line(/"url":"([^"]+)","msg":"serving"/, 60_000)
  const figures = new Map<Way, Figures>(ways.map((way) => [way, { gaps: [], delays: [], firstDelays: [] }]))
  for (let round = 0; round <= rounds; round++) {
    for (const way of ways) {
      const origin = way.key === null ? upstreamUrl : (gatewayUrl as string)
      const streams = await Promise.all(Array.from({ length: readers }, () => read(origin, way)))
      // The first round warms up.
      if (round > 0) for (const stream of streams) add(figures.get(way) as Figures, stream)
    }
  }
  console.log(
    '| way | events | gap changed by p50 | p99 | delay p50 | p99 | first event p50 |\n|---|---|---|---|---|---|---|',
  )
  for (const [way, { gaps, delays, firstDelays }] of figures) {
    const ms = (values: number[], share: number): string => `${percentile(values, share).toFixed(2)} ms`
    console.log(
      `| ${way.name} | ${delays.length} | ${ms(gaps, 0.5)} | ${ms(gaps, 0.99)} | ${ms(delays, 0.5)} | ${ms(delays, 0.99)} | ${ms(firstDelays, 0.5)} |`,
    )
  }
}

interface Event {
  sent: bigint
  read: bigint
}

function read(origin: string, way: Way): Promise<Event[]> {
  const body = JSON.stringify({
    model: way.model,
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
    ...way.body,
  })
  return new Promise((done, fail) => {
    const events: Event[] = []
    let text = ''
    const request = httpRequest(
      `${origin}/v1/chat/completions`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(way.key !== null && { authorization: `Bearer ${keys[way.key]}` }),
        },
      },
      (response) => {
        response.setEncoding('latin1')
        response.on('data', (chunk: string) => {
          const now = process.hrtime.bigint()
          text += chunk
          const end = text.lastIndexOf('\n\n')
          for (const [, sent] of text.slice(0, Math.max(0, end)).matchAll(/@(\d+)@/g))
            events.push({ sent: BigInt(sent as string), read: now })
          text = text.slice(end + 2)
        })
        response.on('end', () =>
          events.length > 0 ? done(events) : fail(new Error(`${way.name}: ${response.statusCode} without events`)),
        )
        response.on('error', fail)
      },
    )
    request.on('error', fail)
    request.end(body)
  })
}

function add(figures: Figures, events: Event[]): void {
  const ms = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6
  for (const [index, { sent, read: came }] of events.entries()) {
    const before = events[index - 1]
    figures.delays.push(ms(came - sent))
    if (before === undefined) figures.firstDelays.push(ms(came - sent))
    else figures.gaps.push(Math.abs(ms(came - before.read - (sent - before.sent))))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sinew-streams-'))
try {
  await main(Number(process.argv[2] ?? 3), folder)
} finally {
  await stopAll()
  rmSync(folder, { recursive: true, force: true })
}
