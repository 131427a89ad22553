/** Knows what works already, says so once, and names what is still awaited when that takes long. */

export interface ReadinessOptions {
  /** Everything that must work before `ready`. The gateway alone is enough for `serving`. */
  names: string[]
  print: (line: string) => void
  onServing: () => void
  onReady: (temporal: string) => void
  temporalUrl: string
  /** The server is not ours to start: when the learner has not reached it after this long, nobody waits for it. */
  externalTemporalMs?: number | undefined
}

export interface Readiness {
  mark(name: string): void
  /** No way to get Temporal worked, so nobody waits for the learner's worker any longer. */
  giveUpTemporal(): void
  /** Resolves when requests are answered, or when nobody waits for that any longer. */
  serving: Promise<void>
  close(): void
}

/** The first line soon, the next ones ever rarer: what takes minutes has its own progress. */
const firstProgressMs = 3000
const maxProgressMs = 60_000

export function createReadiness(options: ReadinessOptions): Readiness {
  const working = new Set<string>()
  const startedAt = Date.now()
  let temporalMissing = false
  let saidReady: string | null = null
  let markServing: () => void = () => undefined
  const serving = new Promise<void>((resolve) => (markServing = resolve))
  let timer: NodeJS.Timeout | undefined
  const progressIn = (waitMs: number): void => {
    timer = setTimeout(() => {
      options.print(`sinew  still starting: ${awaited().join(', ')} (${Math.round((Date.now() - startedAt) / 1000)} s)`)
      progressIn(Math.min(waitMs * 2, maxProgressMs))
    }, waitMs)
  }
  const awaited = (): string[] =>
    options.names.filter(
      (name) => !working.has(name) && !(temporalMissing && (name === 'learner' || name === 'temporal')),
    )

  progressIn(firstProgressMs)
  const giveUp =
    options.externalTemporalMs === undefined
      ? undefined
      : setTimeout(() => giveUpTemporal(), options.externalTemporalMs)
  const check = (): void => {
    if (awaited().length > 0) return
    clearTimeout(timer)
    const temporal = working.has('learner') ? options.temporalUrl : 'unavailable'
    // Said again only when Temporal came after all.
    if (saidReady === temporal || (saidReady !== null && temporal === 'unavailable')) return
    saidReady = temporal
    options.onReady(temporal)
  }
  const giveUpTemporal = (): void => {
    temporalMissing = true
    check()
  }
  return {
    serving,
    mark(name) {
      if (name === 'gateway' && !working.has(name)) {
        options.onServing()
        markServing()
      }
      working.add(name)
      check()
    },
    giveUpTemporal,
    close() {
      clearTimeout(timer)
      clearTimeout(giveUp)
      markServing()
    },
  }
}
