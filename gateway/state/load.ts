/** Whether one more request can be taken: the event loop's lag, sampled, and how much is under way. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const defaultMaxLagMs = 200
const maxInFlight = 4_096
/** Bodies and kept answers held by all requests together; one of them may hold 32 MiB. */
const maxHeldBytes = 1024 * 1024 * 1024
const sampleMs = 250
const resolutionMs = 20

export interface Load {
  readonly overloaded: boolean
  inFlight: number
  heldBytes: number
  close(): void
}

export function openLoad(maxLagMs = defaultMaxLagMs): Load {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const isLate = createLateness(maxLagMs)
  let lagging = false
  const timer = setInterval(() => {
    lagging = isLate(delay.mean / 1e6 - resolutionMs)
    delay.reset()
  }, sampleMs)
  timer.unref()
  const load: Load = {
    inFlight: 0,
    heldBytes: 0,
    get overloaded() {
      return lagging || load.inFlight > maxInFlight || load.heldBytes > maxHeldBytes
    },
    close() {
      clearInterval(timer)
      delay.disable()
    },
  }
  return load
}

/**
 * Judges the mean lag of each sample: a loop that is late again and again counts, one long pause (of the collector, or
 * of a machine that had other things to do) does not, for it is over by the time it is seen.
 */
export function createLateness(maxLagMs: number): (meanLagMs: number) => boolean {
  let wasLate = false
  let again = false
  return (meanLagMs) => {
    // Nothing was measured since the last sample, which says nothing.
    if (Number.isNaN(meanLagMs)) return again
    const late = meanLagMs > maxLagMs
    again = late && wasLate
    wasLate = late
    return again
  }
}
