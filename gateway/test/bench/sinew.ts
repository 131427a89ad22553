/**
 * Sinew as a contender: started by its own command, spoken to by the outside contract only, so any gateway can take its
 * place.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Open } from './contenders.ts'
import { findFreePorts, openServer, type Command } from './processes.ts'

export interface SinewSetting {
  upstreamUrl: string
  gateway: Command
  /** Thrown away afterwards, with everything the learner has not come to. */
  folder: string
  recording: 'on' | 'off'
}

/** The first start on a machine may have to build Temporal. */
const readyPatienceMs = 600_000
const statusPatienceMs = 10_000
/** What would point this Sinew at somebody's real servers, keys or data. */
const foreign =
  /^(DATABASE_URL|REDIS_URL|PORT|HOST|ADMIN_PORT|ADMIN_HOST|SINEW_.*|OPENAI_.*|ANTHROPIC_.*|OPENROUTER_.*|TEMPORAL_(?!PATH$).*)$/

export async function openSinew({ upstreamUrl, gateway, folder, recording }: SinewSetting): Promise<Open> {
  rmSync(folder, { recursive: true, force: true })
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const key = `sk-bench-${randomBytes(24).toString('hex')}`
  const adminToken = randomBytes(24).toString('hex')
  const configuration = join(folder, 'sinew.yaml')
  writeFileSync(configuration, toConfiguration(upstreamUrl, key, recording), { mode: 0o600 })
  const ports = await findFreePorts(4)
  const [port, adminPort, temporalPort, temporalUiPort] = ports.map(String)
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
  const server = openServer('Sinew', {
    ...gateway,
    env: {
      ...inherited,
      SINEW_CONFIG: configuration,
      SINEW_DATA_DIR: dataDir,
      SINEW_ADMIN_TOKEN: adminToken,
      PORT: port,
      ADMIN_PORT: adminPort,
      TEMPORAL_PORT: temporalPort,
      TEMPORAL_UI_PORT: temporalUiPort,
    },
  })
  const close = async (): Promise<void> => {
    const pids = readPids(dataDir)
    await server.stop()
    for (const [name, pid] of pids) endLeftover(name, pid)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const ready = await server.line(/sinew ready\b.*/, readyPatienceMs)
    if (/temporal=unavailable/.test(ready[0]))
      throw new Error('Temporal is unavailable, so "everything on" cannot be measured')
  } catch (error) {
    await close()
    throw error
  }
  return {
    url: `http://127.0.0.1:${port}`,
    headers: { authorization: `Bearer ${key}` },
    // What is not recorded leaves nothing to learn from.
    ...(recording === 'on' && {
      readBacklog: async () => await readBacklog(`http://127.0.0.1:${adminPort}`, adminToken),
    }),
    close,
  }
}

function toConfiguration(upstreamUrl: string, key: string, recording: 'on' | 'off'): string {
  return `providers:
  - { name: bench, dialect: openai, baseUrl: "${upstreamUrl}/v1", apiKey: bench-upstream-key, models: [bench-1] }
keys:
  - { name: bench, key: ${key}, team: bench }
journal: { recording: ${recording} }
`
}

/**
 * Every number of the status that tells of waiting work. The shape inside is Sinew's own affair, so it is read by its
 * names.
 */
async function readBacklog(adminUrl: string, token: string): Promise<string> {
  try {
    const response = await fetch(`${adminUrl}/trpc/system.status`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(statusPatienceMs),
    })
    const answer = (await response.json()) as { result?: { data?: unknown } }
    if (answer.result?.data === undefined) return `unknown (system.status answered ${response.status})`
    return findBacklog(answer.result.data).join(', ') || 'nothing waits'
  } catch (error) {
    return `unknown (${error instanceof Error ? error.message : String(error)})`
  }
}

const backlogNames = /journal|shipper|backlog|outbox|lag|depth|pending|waiting|queue|behind/i
/** The overview comes first in a status; what follows repeats it per process. */
const backlogEntriesMax = 6

/** Exported for its test. */
export function findBacklog(value: unknown, path = ''): string[] {
  if (typeof value === 'number' && value !== 0 && backlogNames.test(path)) return [`${path} ${Math.round(value)}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .flatMap(([name, inner]) => findBacklog(inner, path ? `${path}.${name}` : name))
    .slice(0, backlogEntriesMax)
}

/** The data folder names the live processes; after an orderly stop none of them is left. */
function readPids(dataDir: string): [string, number][] {
  const folder = join(dataDir, 'run')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pid'))
    .map((name): [string, number] => [name, Number(readFileSync(join(folder, name), 'utf8').trim())])
    .filter(([, pid]) => Number.isInteger(pid) && pid > 1)
}

function endLeftover(name: string, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
    console.error(`bench: Sinew left a process behind (${name}, ${pid}); ended`)
  } catch {
    // Gone, as it should be.
  }
}
