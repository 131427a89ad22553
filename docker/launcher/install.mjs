/**
 * Brings `node_modules` to what package-lock.json says, and does nothing when it is there already. Plain JavaScript for
 * the system's Node (20 or newer): it runs before anything is installed.
 */
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from './file-lock.mjs'

const progressSeconds = 3
/** Enough of npm's output to see why it failed. */
const keptLines = 40
/** Settings of the npm that called us which would make the inner `npm ci` install elsewhere, or less. */
const strayNpmSettings =
  /^npm_config_(prefix|local_prefix|global|location|workspaces?|omit|only|production|include|dry_run|package_lock|package_lock_only)$/i

/** The pinned runtime; `null` where it is not installed. */
export function findPinnedNode(root) {
  const candidates = [join(root, 'node_modules/node/bin/node'), join(root, 'node_modules/.bin/node')]
  return candidates.find((path) => existsSync(path)) ?? null
}

/** Why an install is needed, in words, or `null`. Remembers a good `npm ci` that somebody else made. */
export function findInstallReason(root) {
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing'
  if (!existsSync(hidden)) return 'node_modules is incomplete'
  if (!findPinnedNode(root)) return 'the pinned Node is missing'
  const stamp = join(root, 'node_modules/.sinew-installed')
  const expected = expectedStamp(root)
  const stamped = existsSync(stamp) && readFileSync(stamp, 'utf8') === expected
  // npm rewrites its hidden lockfile whenever it changes node_modules: an older one is what the stamp was made for.
  if (stamped && statSync(hidden).mtimeMs <= statSync(stamp).mtimeMs) return null
  if (!holdsEverything(root, hidden)) return 'node_modules is not what package-lock.json asks for'
  try {
    writeFileSync(stamp, expected)
  } catch {
    // A read-only clone is compared anew at each start.
  }
  return null
}

function expectedStamp(root) {
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  // A clone that is shared with a container or another machine must not keep the first one's binaries.
  return `${digest} ${process.platform}-${process.arch}\n`
}

/** Whether what npm noted as installed covers the lockfile; a missing optional package belongs to another platform. */
function holdsEverything(root, hidden) {
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages ?? {}
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages ?? {}
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true
    const found = installed[path]
    if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true
    return found.version === entry.version
  })
}

/** Installs when that is needed. Throws an Error whose message can be shown as it is. */
export async function ensureInstalled(root, { print, npm = findNpm(), signal } = {}) {
  if (findInstallReason(root) === null) return
  // Not inside node_modules: `npm ci` empties that folder first.
  const lockFolder = join(root, '.sinew')
  const onWait = (seconds, pid) => {
    if (seconds >= 2 && seconds % progressSeconds === 0)
      print(`waiting for the install that process ${pid} runs: ${seconds} s`)
  }
  await withFileLock(
    join(lockFolder, 'install.lock'),
    async (lock) => {
      const reason = findInstallReason(root)
      if (reason === null) return
      print(`installing the packages (npm ci), because ${reason}`)
      await runNpmCi(root, npm, print, lock, signal)
      if (!findPinnedNode(root)) {
        throw new Error(
          'npm ci ran, but the pinned Node is not there: npm must be allowed to run install scripts.\nTry: npm ci --include=dev --ignore-scripts=false',
        )
      }
      writeFileSync(join(root, 'node_modules/.sinew-installed'), expectedStamp(root))
    },
    { onWait, signal },
  )
  try {
    rmdirSync(lockFolder)
  } catch {
    // It holds data: it stays.
  }
}

/** The npm that called us runs on any Node; otherwise the one on the PATH. */
function findNpm() {
  const script = process.env.npm_execpath
  return script && /npm-cli\.c?js$/.test(script) ? [process.execPath, script] : ['npm']
}

function runNpmCi(root, npm, print, lock, signal) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !strayNpmSettings.test(name)))
  const [program, ...first] = npm
  return new Promise((resolve, reject) => {
    // A group of its own, so that stopping reaches the install scripts too.
    const child = spawn(program, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const startedAt = Date.now()
    const seconds = () => Math.round((Date.now() - startedAt) / 1000)
    const timer = setInterval(() => print(`installing the packages: ${seconds()} s`), progressSeconds * 1000)
    const lines = []
    const keep = (text) => {
      lines.push(
        ...String(text)
          .split('\n')
          .filter((line) => line.trim() && !line.includes('EBADENGINE')),
      )
      lines.splice(0, Math.max(0, lines.length - keptLines))
    }
    const stop = () => {
      try {
        process.kill(-child.pid, 'SIGTERM')
      } catch {
        // It has ended already.
      }
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('spawn', () => lock.addHolder(child.pid))
    signal?.addEventListener('abort', stop)
    const finish = (error) => {
      clearInterval(timer)
      signal?.removeEventListener('abort', stop)
      if (error) return reject(error)
      print(`the packages are installed (${seconds()} s)`)
      resolve()
    }
    child.on('error', (error) => finish(new Error(`cannot run npm (${error.code}): npm must be on the PATH`)))
    child.on('close', (code, killedBy) => {
      if (code === 0) return finish()
      const how = killedBy ? `was ended by ${killedBy}` : `failed with code ${code}`
      finish(
        new Error(
          `npm ci ${how} after ${seconds()} s in ${root}\n${lines.join('\n')}\nThe first install needs the package registry; run the command again when that is reachable.`,
        ),
      )
    })
  })
}
