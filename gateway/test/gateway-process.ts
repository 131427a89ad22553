/** The gateway as its own process, started by its entry as the supervisor does it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJournalReader } from '../../db/journal/reader.ts'
import type { JournalEntry } from '../../db/journal/records.ts'
import { atEnd, callerKey, makeFolder, until } from './harness.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface GatewayProcess {
  url: string
  child: ChildProcess
  dataDir: string
  /** Everything on stdout and stderr. */
  output(): string
  exited: Promise<{ code: number | null; signal: string | null }>
}

export interface ProcessOptions {
  upstreamUrl: string
  journal?: string
  dataDir?: string
  /** A shell line to run first in the same shell, before it becomes the gateway. */
  before?: string
  /** The program that runs the shell, to give it a namespace of its own. */
  wrapper?: string[]
}

export function startProcess(
  env: Record<string, string>,
  wrapper: string[] = [],
  before = 'true',
): Omit<GatewayProcess, 'url' | 'dataDir'> {
  const [program, ...args] = [...wrapper, 'sh', '-c', `${before} && exec "$0" gateway/server.ts`, process.execPath]
  const child = spawn(program as string, args, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += String(text)))
  child.stderr.on('data', (text) => (output += String(text)))
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal })),
  )
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  })
  return { child, output: () => output, exited }
}

export async function startGatewayProcess({
  upstreamUrl,
  journal = '{}',
  dataDir = join(makeFolder(), 'data'),
  before,
  wrapper,
}: ProcessOptions): Promise<GatewayProcess> {
  mkdirSync(dataDir, { recursive: true })
  const configuration = join(makeFolder(), 'sinew.yaml')
  writeFileSync(
    configuration,
    `providers: [{ name: mock, dialect: openai, baseUrl: "${upstreamUrl}/v1", models: [m] }]\nkeys: [{ name: demo, key: ${callerKey}, team: default }]\njournal: ${journal}\n`,
  )
  const started = startProcess({ SINEW_CONFIG: configuration, SINEW_DATA_DIR: dataDir }, wrapper, before)
  const url = await until('the gateway process', () => {
    if (started.child.exitCode !== null) throw new Error(`the gateway ended: ${started.output()}`)
    return /"url":"([^"]+)","msg":"serving"/.exec(started.output())?.[1]
  })
  return { ...started, url, dataDir }
}

export async function readJournal(dataDir: string): Promise<JournalEntry[]> {
  const reader = openJournalReader(join(dataDir, 'journal'))
  const entries: JournalEntry[] = []
  for (;;) {
    const batch = await reader.readBatch(16 * 1024 * 1024, 10_000)
    entries.push(...batch.entries.map(({ entry }) => entry))
    if (batch.entries.length === 0) break
  }
  await reader.close()
  return entries
}
