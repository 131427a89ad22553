/** Builds the admin's pages with Vite when they are missing or not made from the sources that are here now. */
import type { SpawnOptions } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from '../launcher/file-lock.mjs'
import type { Report } from '../process/output.ts'
import { onLines, signalProcess, spawnProgram, waitForClose } from '../process/running.ts'
import { endWithSupervisor } from '../process/watcher.ts'

export interface AdminBuildOptions {
  root: string
  env: NodeJS.ProcessEnv
  report: Report
  signal?: AbortSignal
}

const progressMs = 3000
const keptLines = 8
/** Names the sources of the build; by content, because a checkout gives files any time it likes. */
const stampName = '.sources'
const ignored = new Set(['dist', 'test', 'node_modules'])

/**
 * Resolves to true when the pages are there. What goes wrong is reported, never thrown: the gateway serves without
 * them.
 */
export async function buildAdmin(options: AdminBuildOptions): Promise<boolean> {
  const { root, report, signal } = options
  if (signal?.aborted || !existsSync(join(root, 'admin/vite.config.ts'))) return false
  try {
    if (isCurrent(root)) return true
    // Two clones' worth of supervisors may share one folder; one build is enough for both.
    return await withFileLock(
      join(root, 'node_modules/.cache/admin-build.lock'),
      async () => isCurrent(root) || build(options),
      signal ? { signal } : {},
    )
  } catch (error) {
    if (!signal?.aborted)
      report('admin', `the pages could not be built: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

function isCurrent(root: string): boolean {
  const stamp = join(root, 'admin/dist', stampName)
  return (
    existsSync(join(root, 'admin/dist/index.html')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digestSources(root)
  )
}

function digestSources(root: string): string {
  const hash = createHash('sha256')
  const add = (path: string): void =>
    void hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (ignored.has(entry.name) || entry.name.startsWith('.')) continue
      if (entry.isDirectory()) walk(`${folder}/${entry.name}`)
      else if (entry.isFile()) add(`${folder}/${entry.name}`)
    }
  }
  walk('admin')
  add('package-lock.json')
  return hash.digest('hex')
}

async function build({ root, env, report, signal }: AdminBuildOptions): Promise<boolean> {
  const sources = digestSources(root)
  const making = join(root, `node_modules/.cache/admin-${process.pid}`)
  const vite = [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    '--config',
    'admin/vite.config.ts',
    '--outDir',
    making,
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ]
  mkdirSync(making, { recursive: true })
  const options: SpawnOptions = {
    cwd: root,
    env: { ...env, NODE_ENV: 'production', NO_COLOR: '1' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  }
  const child = await spawnProgram('nice', ['-n', '10', process.execPath, ...vite], options).catch(() =>
    spawnProgram(process.execPath, vite, options),
  )
  const release = endWithSupervisor(-child.pid)
  const stop = (): void => signalProcess(-child.pid, 'SIGTERM')
  signal?.addEventListener('abort', stop)
  const lines: string[] = []
  const keep = (line: string): void => void (lines.length < keptLines && !/^\s+at /.test(line) && lines.push(line))
  onLines(child.stdout, keep)
  onLines(child.stderr, keep)
  const startedAt = Date.now()
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1000)
  const timer = setInterval(() => report('admin', `building the pages: ${seconds()} s`), progressMs)
  try {
    const reason = await waitForClose(child)
    signal?.throwIfAborted()
    if (reason !== 'exit code 0' || !existsSync(join(making, 'index.html')))
      throw new Error(`vite ended with ${reason}\n${lines.join('\n')}`)
    writeFileSync(join(making, stampName), sources)
    const dist = join(root, 'admin/dist')
    rmSync(dist, { recursive: true, force: true })
    moveFolder(making, dist)
    report('admin', `built the pages in ${seconds()} s`)
    return true
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', stop)
    release()
    rmSync(making, { recursive: true, force: true })
  }
}

/** node_modules may be on another disk than the clone. */
function moveFolder(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    cpSync(from, to, { recursive: true })
  }
}
