/** A loop that never ends by an error: it waits, longer each time, and tries again. */
import type { Log } from './log.ts'

export interface Loop {
  /** Ends the present wait. */
  wake(): void
  /** The last error, until a step succeeds again. */
  readonly error: string | null
  /** Lets the step under way finish. */
  stop(): Promise<void>
}

export interface LoopOptions {
  name: string
  log: Log
  /** The wait after a step that found nothing to do. */
  idleMs: number
  /** Answers whether there may be more to do at once. A long step ends early when `stopping` says so. */
  step: (stopping: () => boolean) => Promise<boolean>
  retryMinMs?: number
  retryMaxMs?: number
  /** Trouble is reported once it has lasted this long: at a start the stores come a moment later. */
  quietMs?: number
}

export function startLoop({
  name,
  log,
  idleMs,
  step,
  retryMinMs = 100,
  retryMaxMs = 10_000,
  quietMs = 5_000,
}: LoopOptions): Loop {
  let stopping = false
  let woken = false
  let endWait: (() => void) | null = null
  let error: string | null = null
  let reported: string | null = null
  let failingSince = 0
  let retryMs = retryMinMs

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopping) return resolve()
      const timer = setTimeout(resolve, ms)
      endWait = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  async function run(): Promise<void> {
    while (!stopping) {
      try {
        woken = false
        const more = await step(() => stopping)
        if (reported !== null) log.info({ loop: name }, `${name} works again`)
        error = reported = null
        retryMs = retryMinMs
        if (!more && !woken) await wait(idleMs)
      } catch (thrown) {
        const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
        if (error === null) failingSince = performance.now()
        error = message
        // The same trouble is reported once, not at every attempt.
        if (message !== reported && performance.now() - failingSince >= quietMs) {
          log.warn({ loop: name, err: message }, `${name} waits and tries again`)
          reported = message
        }
        await wait(retryMs)
        retryMs = Math.min(retryMs * 2, retryMaxMs)
      }
    }
  }

  const running = run()
  return {
    wake: () => {
      woken = true
      // A wait after an error is kept: being woken makes nothing work again.
      if (error === null) endWait?.()
    },
    get error() {
      return error
    },
    stop: async () => {
      stopping = true
      endWait?.()
      await running
    },
  }
}
