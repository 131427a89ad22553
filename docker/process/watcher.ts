/**
 * PostgreSQL and Temporal do not notice when the supervisor is killed. For each foreign program a tiny shell waits on a
 * pipe that closes with the supervisor, however that ends, and then stops the program.
 */
import { spawn } from 'node:child_process'
import { signalProcess } from './running.ts'

/**
 * A polite signal first; after ten seconds the hard one. Bounded, because a zombie never goes where nobody reaps it.
 */
const script = `cat >/dev/null
kill -s "$2" -- "$1" 2>/dev/null || exit 0
n=0
while kill -s 0 -- "$1" 2>/dev/null && [ "$n" -lt 60 ]; do
  n=$((n+1)); [ "$n" -eq 50 ] && kill -s KILL -- "$1" 2>/dev/null; sleep 0.2
done`

/**
 * Ends `target` (a pid, or `-pid` for its group) when this process dies. Call the result once the program has ended. A
 * server gets the signal of an orderly stop; a group is a build, whose children a shell may have made deaf to SIGINT.
 */
export function endWithSupervisor(target: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', script, 'sinew-watcher', String(target), target < 0 ? 'TERM' : 'INT'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  return () => {
    if (watcher.pid !== undefined) signalProcess(-watcher.pid, 'SIGKILL')
  }
}
