/**
 * Keeps one program running: starts it, restarts it with growing pauses when it dies or is stuck, stops it when told.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '../process/output.ts'
import type { Running } from '../process/running.ts'
import { defaultHealthLimits, watchHealth, type HealthLimits } from './health.ts'

export interface Backoff {
  firstMs: number
  maxMs: number
  /** After running this long a program counts as healthy, and the next restart is quick again. */
  healthyMs: number
}

export const defaultBackoff: Backoff = { firstMs: 100, maxMs: 15_000, healthyMs: 30_000 }

export interface KeeperOptions {
  name: string
  launch: () => Promise<Running>
  report: Report
  /** Called every time the program does its work, after restarts too. */
  onReady?: (url: string | undefined) => void
  backoff?: Backoff
  healthLimits?: HealthLimits
}

export interface Keeper {
  name: string
  /** Asks the program to end and forces it after `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>
  /** Ends it at once, also while `stop` waits. */
  kill(): void
}

/**
 * How long a program that was killed may take to be gone; a launch that hangs must not hold up the end of all others.
 */
const forcedEndMs = 5000

/** The pause before restart number `failures` (from 0): doubling, capped. */
export function decidePauseMs(failures: number, backoff: Backoff): number {
  return Math.min(backoff.firstMs * 2 ** Math.min(failures, 30), backoff.maxMs)
}

export function keepRunning(options: KeeperOptions): Keeper {
  const { name, report } = options
  const backoff = options.backoff ?? defaultBackoff
  const over = new AbortController()
  let running: Running | null = null
  let stopping = false
  let forced = false
  let wake: (() => void) | null = null

  const run = async (): Promise<string> => {
    try {
      running = await options.launch()
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    // It was told to stop while it was being launched.
    if (stopping) (forced ? running.kill : running.end)()
    void running.ready.then(({ url }) => stopping || options.onReady?.(url))
    void watchHealth(name, running, report, options.healthLimits ?? defaultHealthLimits, over.signal)
    const reason = await running.exited
    running = null
    return reason
  }
  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stopping) {
      const startedAt = performance.now()
      const reason = await run()
      if (stopping) return
      if (performance.now() - startedAt >= backoff.healthyMs) failures = 0
      const pauseMs = decidePauseMs(failures++, backoff)
      report(name, `${reason}; starting it again${pauseMs >= 1000 ? ` in ${Math.round(pauseMs / 1000)} s` : ''}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const finished = loop()

  const kill = (): void => {
    stopping = forced = true
    over.abort()
    wake?.()
    running?.kill()
  }
  const stop = async (graceMs: number): Promise<void> => {
    if (!stopping) {
      stopping = true
      over.abort()
      wake?.()
      running?.end()
    }
    const timer = setTimeout(() => {
      report(name, `did not end within ${Math.round(graceMs / 1000)} s, so it is ended by force`)
      kill()
    }, graceMs)
    const limit = new AbortController()
    await Promise.race([
      finished,
      pause(graceMs + forcedEndMs, undefined, { signal: limit.signal }).catch(() => undefined),
    ])
    limit.abort()
    clearTimeout(timer)
  }
  return { name, stop, kill }
}
