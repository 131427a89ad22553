/**
 * Long computations in portions: each `yield` says how much was done since the one before, in tokens looked at, so that
 * portions are the same on every machine. Pure.
 */
export type Work<Result> = Generator<number, Result>

/** Goes on until so much is done or all of it is. `null` = not all yet. */
export function advance<Result>(work: Work<Result>, portion: number): { result: Result } | null {
  for (let done = 0; done < portion;) {
    const step = work.next()
    if (step.done) return { result: step.value }
    done += step.value
  }
  return null
}
