/**
 * Whether a deployment should be asked, from how its last calls went. The numbers are Envoy's outlier detection: five
 * failures in a row, then a rest of 30 s for each time it has had to rest in a row, after which one call tries it.
 */
const failuresInRow = 5
const restMs = 30_000
const maxRestMs = 300_000
/** A provider that says how long it takes is believed, up to here. */
const maxWaitMs = 60_000
/** How long the one call that tries it may keep the others away. */
const trialMs = 10_000
/** How much the newest measurement counts. */
const newest = 0.2

/** `now`: milliseconds, of a clock that only goes on. */
export class Health {
  /** Moving average until an answer begins; `null` = none has yet. */
  firstByteMs: number | null = null
  private readonly now: () => number
  private failures = 0
  private rests = 0
  private restsUntil = 0
  private triedUntil = 0

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  /** It should not be asked now. */
  get resting(): boolean {
    const now = this.now()
    return now < this.restsUntil || now < this.triedUntil
  }

  /** When it may be asked again. */
  get restedAt(): number {
    return Math.max(this.restsUntil, this.triedUntil)
  }

  /** It is being asked. */
  ask(): void {
    if (this.failures >= failuresInRow) this.triedUntil = this.now() + trialMs
  }

  succeed(firstByteMs: number): void {
    this.failures = 0
    this.rests = 0
    this.restsUntil = 0
    this.triedUntil = 0
    this.firstByteMs =
      this.firstByteMs === null ? firstByteMs : this.firstByteMs + newest * (firstByteMs - this.firstByteMs)
  }

  fail(): void {
    this.failures++
    this.triedUntil = 0
    if (this.failures < failuresInRow) return
    this.rests++
    this.restsUntil = this.now() + Math.min(restMs * this.rests, maxRestMs)
  }

  /** Not broken, but it wants to be left alone for so long. */
  wait(forMs: number): void {
    this.restsUntil = Math.max(this.restsUntil, this.now() + Math.min(forMs, maxWaitMs))
  }
}
