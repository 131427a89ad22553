/** The servers of a bench: each is started here, ended by its pid, and none is left behind, whatever happens. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { endWithSupervisor } from '../../../docker/process/watcher.ts'

export interface Server {
  pid: number
  /**
   * Resolves with the match of the first output line that `pattern` finds; rejects when the process ends first or the
   * time is over.
   */
  line(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray>
  stop(): Promise<void>
}

export interface Command {
  file: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
}

/** Enough to say why a server did not start. */
const keptLines = 30
const stopPatienceMs = 30_000
const killPatienceMs = 5_000

const live = new Set<Server>()
const programs = new Set<ChildProcess>()

/**
 * Starts a server in a process group of its own, so that Ctrl-C in the terminal reaches only the bench, which then ends
 * it in order.
 */
export function openServer(name: string, command: Command): Server {
  const child = spawn(command.file, [...command.args], {
    env: command.env ?? process.env,
    cwd: command.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Even when the bench is killed, the server ends.
  const release = child.pid === undefined ? (): void => {} : endWithSupervisor(child.pid)
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      for (const listener of listeners) listener(line)
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`))
  })
  void ended.then(release)
  const server: Server = {
    pid: child.pid ?? 0,
    async line(pattern, timeoutMs) {
      const early = lines.map((line) => line.match(pattern)).find((match) => match !== null)
      if (early) return early
      return await new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer)
          listeners.delete(listener)
          act()
        }
        const fail = (why: string): void =>
          settle(() => reject(new Error(`${name}: ${why}\n${lines.map((line) => `  ${line}`).join('\n')}`)))
        const timer = setTimeout(() => fail(`no line like ${pattern} within ${timeoutMs / 1000} s`), timeoutMs)
        const listener = (line: string): void => {
          const match = line.match(pattern)
          if (match) settle(() => resolve(match))
        }
        listeners.add(listener)
        void ended.then(fail)
      })
    },
    async stop() {
      await stopChild(child, ended)
      live.delete(server)
    },
  }
  live.add(server)
  return server
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  if (await settledWithin(ended, stopPatienceMs)) return
  child.kill('SIGKILL')
  await settledWithin(ended, killPatienceMs)
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
  const inTime = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return inTime
}

/** Ends whatever still runs. */
export async function stopAll(): Promise<void> {
  for (const program of programs) program.kill('SIGKILL')
  await Promise.all([...live].map((server) => server.stop()))
}

/** Runs a program to its end and gives its output; a program that fails or hangs throws. */
export async function runProgram(command: Command, timeoutMs: number): Promise<string> {
  const child = spawn(command.file, [...command.args], {
    env: command.env ?? process.env,
    cwd: command.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const output = collect(child.stdout)
  const problems = collect(child.stderr)
  programs.add(child)
  const [code, signal] = await once(child, 'close').finally(() => programs.delete(child))
  if (code !== 0)
    throw new Error(`${command.file} ${command.args[0] ?? ''} ended with ${signal ?? code}: ${problems()}`)
  return output()
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8').trim()
}

/** Below the ports that systems give to outgoing connections: those could take one before its server has come up. */
const lowestPort = 20_000
const highestPort = 31_999
const portAttempts = 200

/** Ports that are free now, all different. */
export async function findFreePorts(count: number): Promise<number[]> {
  const free = new Set<number>()
  for (let attempt = 0; free.size < count; attempt += 1) {
    if (attempt === portAttempts) throw new Error(`no ${count} free ports between ${lowestPort} and ${highestPort}`)
    const port = randomInt(lowestPort, highestPort + 1)
    if (await isFree(port)) free.add(port)
  }
  return [...free]
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
