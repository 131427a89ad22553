/** Builds the Temporal CLI with Go: about three minutes, once, where the official download cannot be reached. */
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Report } from '../process/output.ts'
import { onLines, signalProcess, spawnProgram, waitForClose } from '../process/running.ts'
import { endWithSupervisor } from '../process/watcher.ts'

export interface BuildOptions {
  folder: string
  env: NodeJS.ProcessEnv
  report: Report
  signal?: AbortSignal
  /** Whoever waits for the build must go on waiting for Go itself when this process is killed. */
  addHolder: (pid: number) => void
}

/** Later versions carry a `replace` in go.mod, which `go install` refuses. */
const source = 'github.com/temporalio/cli/cmd/temporal@v1.5.1'
const progressMs = 10_000
const niceness = 10

export async function buildTemporal(options: BuildOptions): Promise<string> {
  const { folder, report, signal } = options
  if (!isOnPath('go', options.env)) throw new Error('Go is not installed')
  const env = goEnvironment(options.env, folder)
  const start = (program: string, args: string[]) =>
    spawnProgram(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const go = ['install', '-v', source]
  // The gateway answers meanwhile and comes first.
  const child = await start('nice', ['-n', String(niceness), 'go', ...go]).catch(() => start('go', go))
  options.addHolder(child.pid)
  const release = endWithSupervisor(-child.pid)
  const stop = (): void => signalProcess(-child.pid, 'SIGTERM')
  signal?.addEventListener('abort', stop)
  const startedAt = Date.now()
  let downloaded = 0
  let compiled = 0
  let last = ''
  onLines(child.stderr, (line) => {
    if (line.startsWith('go: downloading')) downloaded += 1
    else if (/^[\w./-]+$/.test(line)) compiled += 1
    else last = line
  })
  report('temporal', 'building the Temporal server with Go; this happens once and takes about three minutes')
  const timer = setInterval(() => {
    report(
      'temporal',
      `building the Temporal server: ${Math.round((Date.now() - startedAt) / 1000)} s, ${downloaded} modules downloaded, ${compiled} packages compiled`,
    )
  }, progressMs)
  const reason = await waitForClose(child)
  clearInterval(timer)
  signal?.removeEventListener('abort', stop)
  release()
  if (reason !== 'exit code 0') throw new Error(`go install ended with ${reason}${last ? `: ${last}` : ''}`)
  report('temporal', `built the Temporal server in ${Math.round((Date.now() - startedAt) / 1000)} s`)
  return join(folder, 'temporal')
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? '').split(delimiter).some((place) => place !== '' && existsSync(join(place, name)))
}

/**
 * Settings of the user's own Go work must not change this build, and a user without a home needs Go's folders
 * elsewhere.
 */
function goEnvironment(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const clean: NodeJS.ProcessEnv = {
    ...env,
    GOBIN: folder,
    GOFLAGS: '',
    GOWORK: 'off',
    GOOS: '',
    GOARCH: '',
    CGO_ENABLED: '0',
  }
  if (env.HOME || (env.GOPATH && env.GOCACHE)) return clean
  const cache = join(dirname(folder), 'go')
  mkdirSync(cache, { recursive: true })
  return { ...clean, GOPATH: join(cache, 'path'), GOCACHE: join(cache, 'build'), HOME: homeOr(cache) }
}

function homeOr(fallback: string): string {
  try {
    return homedir()
  } catch {
    return fallback
  }
}
