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
  /** Where nothing is found again and again the wait doubles up to this; absent = it stays. */
  maxIdleMs?: number
  /** Answers whether there may be more to do at once. A long step ends early when `stopping` says so. */
  step: (stopping: () => boolean) => Promise<boolean>
  retryMinMs?: number
  retryMaxMs?: number
  /** Trouble is reported once it has lasted this long: at a start the stores come a moment later. */
  quietMs?: number
}

export function startLoop(options: LoopOptions): Loop {
  return new EndlessLoop(options)
}

class EndlessLoop implements Loop {
  error: string | null = null
  private readonly options: Required<LoopOptions>
  private readonly running: Promise<void>
  private stopping = false
  private woken = false
  private endWait: (() => void) | null = null
  private reported: string | null = null
  private failingSince = 0
  private retryMs: number
  private restMs: number

  constructor(options: LoopOptions) {
    this.options = {
      maxIdleMs: options.idleMs,
      retryMinMs: 100,
      retryMaxMs: 10_000,
      quietMs: 5_000,
      ...options,
    }
    this.retryMs = this.options.retryMinMs
    this.restMs = options.idleMs
    this.running = this.run()
  }

  wake(): void {
    this.woken = true
    // A wait after an error is kept: being woken makes nothing work again.
    if (this.error === null) this.endWait?.()
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.endWait?.()
    await this.running
  }

  private async run(): Promise<void> {
    const { step } = this.options
    while (!this.stopping) {
      try {
        this.woken = false
        const more = await step(() => this.stopping)
        this.succeed()
        if (more || this.woken) this.restMs = this.options.idleMs
        else await this.rest()
      } catch (thrown) {
        this.fail(thrown instanceof Error ? thrown.message || thrown.name : String(thrown))
        await this.wait(this.retryMs)
        this.retryMs = Math.min(this.retryMs * 2, this.options.retryMaxMs)
      }
    }
  }

  private succeed(): void {
    const { name, log, retryMinMs } = this.options
    if (this.reported !== null) log.info({ loop: name }, `${name} works again`)
    this.error = this.reported = null
    this.retryMs = retryMinMs
  }

  private fail(message: string): void {
    const { name, log, quietMs } = this.options
    if (this.error === null) this.failingSince = performance.now()
    this.error = message
    // The same trouble is reported once, not at every attempt.
    if (message === this.reported || performance.now() - this.failingSince < quietMs) return
    log.warn({ loop: name, err: message }, `${name} waits and tries again`)
    this.reported = message
  }

  /** After a step that found nothing to do. */
  private async rest(): Promise<void> {
    const { idleMs, maxIdleMs } = this.options
    await this.wait(this.restMs)
    this.restMs = this.woken ? idleMs : Math.min(this.restMs * 2, maxIdleMs)
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.stopping) return resolve()
      const timer = setTimeout(resolve, ms)
      this.endWait = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
