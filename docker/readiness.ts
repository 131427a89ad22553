/** Knows what works already, says so once, and names what is still awaited when that takes long. */

export interface ReadinessOptions {
  /** Everything that must work before `ready`. The gateway alone is enough for `serving`. */
  names: string[]
  print: (line: string) => void
  onServing: () => void
  onReady: (temporal: string) => void
  temporalUrl: string
}

export interface Readiness {
  mark(name: string): void
  /** No way to get Temporal worked, so nobody waits for the learner's worker any longer. */
  giveUpTemporal(): void
  serving: Promise<void>
  close(): void
}

const progressMs = 3000

export function createReadiness(options: ReadinessOptions): Readiness {
  const working = new Set<string>()
  const startedAt = Date.now()
  let temporalMissing = false
  let saidReady: string | null = null
  let markServing: () => void = () => undefined
  const serving = new Promise<void>((resolve) => (markServing = resolve))
  // Rare enough to stay out of the way of the programs' own progress.
  const timer = setInterval(() => options.print(`sinew  still starting: ${awaited().join(', ')} (${Math.round((Date.now() - startedAt) / 1000)} s)`), progressMs)
  const awaited = (): string[] => options.names.filter((name) => !working.has(name) && !(temporalMissing && (name === 'learner' || name === 'temporal')))

  const check = (): void => {
    if (awaited().length > 0) return
    clearInterval(timer)
    const temporal = working.has('learner') ? options.temporalUrl : 'unavailable'
    // Said again only when Temporal came after all.
    if (saidReady === temporal || (saidReady !== null && temporal === 'unavailable')) return
    saidReady = temporal
    options.onReady(temporal)
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
    giveUpTemporal() {
      temporalMissing = true
      check()
    },
    close: () => clearInterval(timer),
  }
}
