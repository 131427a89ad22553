/**
 * The whole product as its users start it: `npm start` in a folder of its own, seen only through the outside contract.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { knownKinds } from '../../db/config/provider-kinds.ts'

const root = resolve(import.meta.dirname, '../..')
const startLimitMs = 240_000

export type ProcessName = 'supervisor' | 'gateway' | 'learner' | 'control' | 'postgres' | 'temporal'

export interface Product {
  gatewayUrl: string
  adminUrl: string
  temporalAddress: string
  dataDir: string
  callerKey: string
  adminToken: string
  databaseUrl(): string
  /** 0 while there is no such process. */
  pid(name: ProcessName): number
  output(): string
  /** Calls a tRPC procedure as any program would: plain HTTP and a bearer token. */
  query<T = any>(procedure: string, input?: unknown): Promise<T>
  mutate<T = any>(procedure: string, input: unknown): Promise<T>
  stop(): Promise<number | null>
}

export interface ProductOptions {
  /** SINEW_CONFIG's text, without keys: the caller's key is added. */
  config: string
  /** Callers' keys beside the one that is added. */
  keys?: { name: string; key: string }[]
  env?: Record<string, string>
}

const callerKey = 'sk-test-0123456789abcdef0123456789abcdef'
const adminToken = 'token-0123456789abcdef0123456789abcdef'

/** Starts it and waits for `sinew ready`. Whatever happens, `stop` ends everything it started. */
export async function startProduct({ config, keys = [], env = {} }: ProductOptions): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sinew-product-'))
  const configPath = join(dataDir, 'sinew.yaml')
  writeFileSync(
    configPath,
    `${config}\nkeys:\n${[{ name: 'test', key: callerKey }, ...keys].map(({ name, key }) => `  - { name: ${name}, key: ${key}, team: default }\n`).join('')}`,
  )
  const child = spawn(process.execPath, ['docker/start.mjs', 'start'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutProviders(process.env),
      PORT: '0',
      ADMIN_PORT: '0',
      TEMPORAL_PORT: '0',
      TEMPORAL_UI_PORT: '0',
      SINEW_DATA_DIR: dataDir,
      SINEW_CONFIG: configPath,
      SINEW_ADMIN_TOKEN: adminToken,
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const stop = async (): Promise<number | null> => {
    const code = await end(child)
    // Where only root may enter, PostgreSQL's data has a place of its own, which goes with the test.
    const home = join(dataDir, 'postgres-home')
    if (existsSync(home)) rmSync(readFileSync(home, 'utf8').trim(), { recursive: true, force: true })
    rmSync(dataDir, { recursive: true, force: true })
    return code
  }
  try {
    const ready = await waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`)
        return /^.*sinew ready gateway=(\S+) admin=(\S+) temporal=(\S+)/m.exec(output)
      },
      'npm start is ready',
      startLimitMs,
    )
    const [, gatewayUrl = '', adminUrl = ''] = ready
    const api = (procedure: string, init: RequestInit, search = ''): Promise<any> =>
      callApi(`${adminUrl}/trpc/${procedure}${search}`, init)
    return {
      gatewayUrl,
      adminUrl,
      temporalAddress: readTemporalAddress(dataDir),
      dataDir,
      callerKey,
      adminToken,
      databaseUrl: () => readFileSync(join(dataDir, 'run/database-url'), 'utf8').trim(),
      pid: (name) =>
        existsSync(join(dataDir, 'run', `${name}.pid`))
          ? Number(readFileSync(join(dataDir, 'run', `${name}.pid`), 'utf8'))
          : 0,
      output: () => output,
      query: (procedure, input) =>
        api(procedure, {}, input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`),
      mutate: (procedure, input) =>
        api(procedure, {
          method: 'POST',
          body: JSON.stringify(input),
          headers: { 'content-type': 'application/json' },
        }),
      stop,
    }
  } catch (error) {
    await stop()
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${output.slice(-4000)}`)
  }
}

async function callApi(url: string, init: RequestInit): Promise<any> {
  const response = await fetch(url, {
    ...init,
    headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${adminToken}` },
  })
  const answer = (await response.json()) as {
    result?: { data: unknown }
    error?: { message: string; data?: { code: string } }
  }
  if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.data?.code })
  return answer.result?.data
}

/** The local server's port stands in its own command line. */
function readTemporalAddress(dataDir: string): string {
  const path = join(dataDir, 'run/temporal.pid')
  if (!existsSync(path)) return ''
  const words = readFileSync(`/proc/${readFileSync(path, 'utf8').trim()}/cmdline`, 'utf8').split('\0')
  return `127.0.0.1:${words[words.indexOf('--port') + 1]}`
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise<void>((done) => child.once('exit', () => done()))
    child.kill('SIGTERM')
    await exited
  }
  return child.exitCode
}

function withoutProviders(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const meant = new Set([
    'DATABASE_URL',
    'REDIS_URL',
    'TEMPORAL_ADDRESS',
    ...knownKinds.flatMap(({ variables }) => variables ?? []),
  ])
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !meant.has(variable)))
}

/** Asks until there is an answer. Throws after `limitMs`, naming what did not happen. */
export async function waitFor<T>(ask: () => T | Promise<T>, what: string, limitMs = 60_000): Promise<NonNullable<T>> {
  const until = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`${what}: not within ${limitMs} ms`)
    await pause(25)
  }
}
