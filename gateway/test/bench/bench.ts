/**
 * `npm run bench`: what a request costs through Sinew, against the plainest reverse proxy and against no proxy at all.
 * Contenders take turns (A B C D A B C D …); each turn: start, warm up, 200 req/s open loop, 10 callers closed loop,
 * streams, stop.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findProgram } from '../../../docker/test/programs.ts'
import { createContenders, type Contender } from './contenders.ts'
import { percentile, toRows, type Turn } from './figures.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import { parseOptions, type Options } from './options.ts'
import { openServer, runProgram, stopAll, type Command } from './processes.ts'
import { findPrograms } from './programs.ts'
import { formatTable, type Circumstances } from './table.ts'

const repository = resolve(import.meta.dirname, '../../..')
const callers = 10
const rate = 200
const requestsMax = 2_000_000
const otherWorkWindowMs = 1_000
const warmUpRequests = 2_000
const warmUpStreams = 300
const warmUpSecondsMax = 10
/** A measurement that takes this much longer than asked hangs. */
const loadGraceMs = 30_000

/** About 1 kB, as a short chat has it. */
function toBody(stream: boolean): string {
  const question =
    'Which ferry reaches the island before noon, and what does the crossing cost for two adults and one child? '
  return JSON.stringify({
    model: 'bench-1',
    messages: [
      {
        role: 'system',
        content:
          'You answer questions of travellers about the harbour, the ferries and the market. Be short and exact. '.repeat(
            2,
          ),
      },
      { role: 'user', content: question.repeat(6) },
    ],
    temperature: 0.2,
    stream,
  })
}

const say = (text: string): void => console.error(`bench: ${text}`)

async function main(options: Options, folder: string): Promise<boolean> {
  const programs = await findPrograms(say)
  const nginx = await findProgram('nginx', process.env, say)
  const upstream = openServer('upstream', programs.upstream)
  const [, port] = await upstream.line(/^(\d+)$/, 10_000)
  const upstreamUrl = `http://127.0.0.1:${port}`
  const lengths = { json: await probe(upstreamUrl, false), stream: await probe(upstreamUrl, true) }

  const gateway: Command = options.start
    ? { file: '/bin/sh', args: ['-c', `exec ${options.start}`], cwd: repository }
    : { file: process.execPath, args: [join(repository, 'docker/start.mjs'), 'start'], cwd: repository }
  const contenders = createContenders(upstreamUrl, nginx, gateway, folder)
  const rounds: Record<string, Turn>[] = []
  let otherWork = 0
  const backlogs: string[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    otherWork = Math.max(otherWork, await measureWork())
    const turns: Record<string, Turn> = {}
    for (const contender of contenders) {
      const { turn, backlog } = await takeTurn(contender, programs.load, options.seconds, lengths)
      turns[contender.name] = turn
      if (backlog !== null) backlogs.push(`round ${round}: ${backlog}`)
      say(
        `round ${round}/${options.rounds}  ${contender.name}: ${turn.requestsPerSecond.toFixed(0)} req/s, p50 ${turn.p50Ms.toFixed(2)} ms, p99 ${turn.p99Ms.toFixed(2)} ms`,
      )
    }
    rounds.push(turns)
  }

  const rows = toRows(rounds)
  const circumstances: Circumstances = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    node: process.versions.node,
    upstream: programs.kind,
    load: programs.kind,
    nginx: await readNginxVersion(nginx),
    rounds: options.rounds,
    seconds: options.seconds,
    otherWork,
  }
  if (options.json) console.log(JSON.stringify({ circumstances, rows, rounds, backlogs }, null, 2))
  else
    console.log(
      [
        formatTable(rows, circumstances),
        '',
        'left by the learner, thrown away with its data folder:',
        ...backlogs.map((line) => `  ${line}`),
      ].join('\n'),
    )
  return rows.every((row) => row.errors === 0)
}

async function takeTurn(
  contender: Contender,
  load: Command,
  seconds: number,
  lengths: { json: number; stream: number },
): Promise<{ turn: Turn; backlog: string | null }> {
  const open = await contender.open()
  try {
    const run = async (
      plan: Pick<LoadPlan, 'callers' | 'seconds'> & { requestsMax?: number; stream?: boolean },
    ): Promise<LoadResult> => {
      const { stream = false, ...rest } = plan
      const full: LoadPlan = {
        requestsMax,
        rate,
        ...rest,
        url: `${open.url}/v1/chat/completions`,
        headers: open.headers,
        body: toBody(stream),
        expectedLength: stream ? lengths.stream : lengths.json,
      }
      const text = await runProgram(
        { ...load, args: [...load.args, JSON.stringify(full)] },
        seconds * 1000 + loadGraceMs,
      )
      const result = JSON.parse(text) as LoadResult
      if (result.errors > 0) say(`${contender.name}: ${result.errors} errors, the first: ${result.firstError}`)
      return result
    }
    // Bounded by count, so that a recording gateway enters its measurement with the same small backlog on every
    // machine.
    const warm = await run({ callers, seconds: warmUpSecondsMax, requestsMax: warmUpRequests })
    const warmStreams = await run({ callers, seconds: warmUpSecondsMax, requestsMax: warmUpStreams, stream: true })
    const steady = await run({ callers: 0, seconds })
    const busy = await run({ callers, seconds })
    const streams = await run({ callers, seconds, stream: true })
    const turn: Turn = {
      requestsPerSecond: busy.answers / busy.seconds,
      streamsPerSecond: streams.answers / streams.seconds,
      p50Ms: percentile(steady.latenciesMs, 0.5),
      p99Ms: percentile(steady.latenciesMs, 0.99),
      errors: warm.errors + warmStreams.errors + steady.errors + busy.errors + streams.errors,
    }
    return { turn, backlog: (await open.readBacklog?.()) ?? null }
  } finally {
    await open.close()
  }
}

/** The length of the upstream's own answer: what every contender must deliver. */
async function probe(upstreamUrl: string, stream: boolean): Promise<number> {
  const response = await fetch(`${upstreamUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: toBody(stream),
  })
  if (response.status !== 200) throw new Error(`the upstream answers ${response.status}`)
  return (await response.arrayBuffer()).byteLength
}

/** The share of the processors that works now, while the bench does nothing. */
async function measureWork(): Promise<number> {
  const read = (): { idle: number; all: number } => {
    const times = cpus().map((cpu) => cpu.times)
    const idle = times.reduce((sum, time) => sum + time.idle, 0)
    return { idle, all: times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, idle) }
  }
  const before = read()
  await setTimeout(otherWorkWindowMs)
  const after = read()
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all)
}

/** nginx says its version on stderr. */
async function readNginxVersion(nginx: string): Promise<string> {
  return (await runProgram({ file: '/bin/sh', args: ['-c', 'exec "$0" -v 2>&1', nginx] }, 10_000)).replace(
    /^nginx version: nginx\//,
    'nginx ',
  )
}

/** Runs to the end or to the first signal; either way nothing is left behind. */
async function runBench(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const folder = mkdtempSync(join(tmpdir(), 'sinew-bench-'))
  // The embedded PostgreSQL runs as another user when this one is root, and must reach its data in here.
  chmodSync(folder, 0o755)
  let interrupted = false
  const clean = async (): Promise<void> => {
    await stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted) return
      interrupted = true
      say(`${signal}: stopping the servers`)
      void clean().finally(() => process.exit(130))
    })
  }
  try {
    process.exitCode = (await main(options, folder)) ? 0 : 1
  } catch (error) {
    // What fails because its server was just stopped is no news.
    if (!interrupted) say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  } finally {
    // The signal's own cleaning ends the process.
    await (interrupted ? new Promise(() => {}) : clean())
  }
}

await runBench()
