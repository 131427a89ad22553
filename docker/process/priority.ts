/** How the learning side gives way to the gateway on a machine they share. */
import { writeFileSync } from 'node:fs'

/**
 * A third of the gateway's weight: enough to let it go first, and a share that other programs of the machine cannot
 * take away. At the lowest niceness they can, and then the server's own timeouts break it. How much is learned while
 * requests come in masses is decided by what the gateway records, not here (`workflows/domain/system/pace.ts`).
 */
export const nicenessOf = { learner: 5, temporal: 5, postgres: 5 } as const

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
