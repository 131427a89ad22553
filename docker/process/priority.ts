/** How the learning side gives way to the gateway on a machine they share. */
import { writeFileSync } from 'node:fs'

/** Learning waits for a free moment; the stores behind it and the admin give way too, but not as far. */
export const nicenessOf = { learner: 19, temporal: 19, postgres: 10 } as const

/**
 * Makes the whole session of `pid` give way. Where Linux groups processes by session for scheduling
 * (`sched_autogroup`), a process's own niceness counts only within its group, and every program here leads a session of
 * its own. Elsewhere there is no such file and `nice` alone does it.
 */
export function giveWay(pid: number, niceness: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch {
    // Not Linux, not grouped, or not allowed here.
  }
}
