/**
 * One at a time, between processes: an exclusively created file that names its holders' pids. A holder that died
 * without letting go is noticed, so a lock never needs a person. Plain JavaScript, because the launcher takes it before
 * the install.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const pollMs = 100
/** A file without a name in it belongs to somebody who is just writing it. */
const unnamedMs = 5000

/**
 * Runs `work` while this process alone holds the lock at `path`. `work` receives `addHolder(pid)` for a child that goes
 * on when this process is killed. `onWait(seconds, pid)` is called about once a second while somebody else holds it.
 */
export async function withFileLock(path, work, { onWait, signal } = {}) {
  const startedAt = Date.now()
  let reportedAt = 0
  for (;;) {
    signal?.throwIfAborted()
    try {
      // Anew each time: whoever held the lock may have removed an empty folder.
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, `${nameOf(process.pid)}\n`, { flag: 'wx' })
      break
    } catch (error) {
      if (error.code === 'ENOENT') continue
      if (error.code !== 'EEXIST') throw error
    }
    const holder = findHolder(path)
    if (holder === 'nobody') {
      removeStale(path)
      continue
    }
    const waited = Math.floor((Date.now() - startedAt) / 1000)
    if (waited > reportedAt) onWait?.((reportedAt = waited), holder)
    await pause(pollMs, undefined, { signal })
  }
  try {
    return await work({ addHolder: (pid) => appendFileSync(path, `${nameOf(pid)}\n`) })
  } finally {
    rmSync(path, { force: true })
  }
}

/** The pid of a living holder, `'nobody'`, or `'unnamed'` for one that has not written its name yet. */
function findHolder(path) {
  try {
    const names = readFileSync(path, 'utf8').split('\n').filter(Boolean)
    if (names.length === 0) return Date.now() - statSync(path).mtimeMs > unnamedMs ? 'nobody' : 'unnamed'
    const living = names.find(
      (name) => isAlive(Number(name.split(' ')[0])) && nameOf(Number(name.split(' ')[0])) === name,
    )
    return living ? Number(living.split(' ')[0]) : 'nobody'
  } catch {
    return 'unnamed'
  }
}

/** Of several processes that see the same dead holder, the one whose rename succeeds removes it. */
function removeStale(path) {
  const aside = `${path}.stale-${process.pid}`
  try {
    renameSync(path, aside)
    // Between the look and the rename a living process may have taken the lock: give it back.
    if (findHolder(aside) === 'nobody') rmSync(aside, { force: true })
    else renameSync(aside, path)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

/** A pid with its start time, so that a stranger who was given the same pid is not taken for the holder. */
function nameOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return `${pid}`
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
