/**
 * Notices that a program lives and does nothing: it is asked again and again, and ended when it has given no good
 * answer for so many questions in a row that slowness cannot be the reason.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '../process/output.ts'
import type { Running } from '../process/running.ts'

export interface HealthLimits {
  everyMs: number
  /** So many questions without a good answer, one after the other, mean that it is stuck. */
  failuresMax: number
  /** The same until it has worked once: a start on a machine without a free moment takes long. */
  startFailuresMax: number
  /** How long a stuck program may take to end by itself. */
  graceMs: number
}

/** With five seconds for each answer: a minute and a half at least, more than two when it is silent. */
export const defaultHealthLimits: HealthLimits = {
  everyMs: 10_000,
  failuresMax: 9,
  startFailuresMax: 27,
  graceMs: 15_000,
}

/** Works until the program has ended, or until `signal` says so. Never rejects. */
export async function watchHealth(
  name: string,
  running: Running,
  report: Report,
  limits: HealthLimits,
  signal: AbortSignal,
): Promise<void> {
  const { findTrouble } = running
  if (findTrouble === undefined) return
  const over = new AbortController()
  void running.exited.then(() => over.abort())
  const stopping = AbortSignal.any([signal, over.signal])
  const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal: stopping }).catch(() => undefined)
  let failuresMax = limits.startFailuresMax
  void running.ready.then(() => (failuresMax = limits.failuresMax))
  for (let failures = 0; failures < failuresMax;) {
    await rest(limits.everyMs)
    if (stopping.aborted) return
    const trouble = await findTrouble()
    if (stopping.aborted) return
    if (trouble === null) failures = 0
    else if (++failures >= failuresMax) {
      report(name, `does not work (${trouble}), ${failures} questions in a row; it is ended`)
    }
  }
  running.end()
  await rest(limits.graceMs)
  if (!stopping.aborted) running.kill()
}
