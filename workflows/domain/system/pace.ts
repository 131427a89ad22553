/** How fast waiting exchanges become workflows. Pure. */

/** More a core and second than any machine learns from: trying would only take the processor from the answers. */
const busyPerCore = 50
/** What goes on meanwhile, so that the admin still sees verdicts and patterns come. */
const pacedPerCore = 5
const pausesPerSecond = 4

export interface Pace {
  /** At most so many starts now. */
  starts: number
  /** Then wait so long, whoever wakes us; 0 = do not. */
  pauseMs: number
}

/**
 * While requests come faster than they can be learned from, learning is put off: the rows wait in PostgreSQL, and are
 * worked off at full speed once it is quieter. `perSecond`: exchanges recorded a second, lately.
 */
export function decidePace(perSecond: number, cores: number, startsMax: number): Pace {
  if (perSecond <= busyPerCore * cores) return { starts: startsMax, pauseMs: 0 }
  return {
    starts: Math.min(startsMax, Math.max(1, Math.round((pacedPerCore * cores) / pausesPerSecond))),
    pauseMs: 1000 / pausesPerSecond,
  }
}
