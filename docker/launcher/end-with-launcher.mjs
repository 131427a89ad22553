/**
 * Preloaded into test and bench runs: ends the process when the launcher is killed, so that the servers it started are
 * stopped by their watchers. Worker processes inherit the preload; only the launcher's own child listens.
 */
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.channel && process.env.SINEW_LAUNCHER_PID === String(process.ppid)) {
  process.on('disconnect', () => process.exit(1))
  process.channel.unref()
}
