/**
 * Bounds the calls that are made again, so that providers in trouble are not buried under them: at most a share of all
 * calls of the last ten seconds, and always some, for a gateway with little to do: there a share of its few calls would
 * leave callers with errors, and nobody is buried under three calls a second.
 */
const windowSeconds = 10
const alwaysAllowed = 30

export class RetryBudget {
  private readonly maxShare: number
  private readonly now: () => number
  private readonly calls = Array.from({ length: windowSeconds }, () => 0)
  private readonly again = Array.from({ length: windowSeconds }, () => 0)
  private second = 0

  /** `now`: milliseconds, of a clock that only goes on. */
  constructor(maxShare: number, now: () => number = () => performance.now()) {
    this.maxShare = maxShare
    this.now = now
  }

  /** A request's first call. */
  count(): void {
    const slot = this.slot()
    this.calls[slot] = (this.calls[slot] ?? 0) + 1
  }

  /** Whether one more call may be made; where it may, it has been counted. */
  take(): boolean {
    if (this.maxShare === 0) return false
    const slot = this.slot()
    const again = sum(this.again) + 1
    if (again > alwaysAllowed && again > this.maxShare * sum(this.calls)) return false
    this.again[slot] = (this.again[slot] ?? 0) + 1
    return true
  }

  /** The current second's place; those that have passed meanwhile are emptied. */
  private slot(): number {
    const second = Math.floor(this.now() / 1000)
    const passed = Math.min(second - this.second, windowSeconds)
    for (let step = 1; step <= passed; step++) {
      const slot = (second - passed + step) % windowSeconds
      this.calls[slot] = 0
      this.again[slot] = 0
    }
    this.second = second
    return second % windowSeconds
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
