/**
 * Whether a deployment should be asked, from how its last calls went. As in Envoy's outlier detection it rests after
 * five failures in a row, or when many of its last calls failed; for 30 s, longer each time, after which one call tries
 * it.
 */
const maxFailuresInRow = 5
/** How many calls it is judged by, from how many on, and what share of them may fail. */
const judgedCalls = 20
const minJudgedCalls = 10
const maxFailureShare = 0.4
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
  /** Of the last calls, the newest last: whether each failed. */
  private last: boolean[] = []
  private rests = 0
  /** It has rested: the next call tries it. */
  private onTrial = false
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
    if (this.onTrial) this.triedUntil = this.now() + trialMs
  }

  succeed(firstByteMs: number): void {
    this.failures = 0
    this.onTrial = false
    this.restsUntil = 0
    this.triedUntil = 0
    this.note(false)
    // Only one that stays well begins anew: one that fails half the time has good moments too.
    if (this.last.length === judgedCalls && !this.last.includes(true)) this.rests = 0
    this.firstByteMs =
      this.firstByteMs === null ? firstByteMs : this.firstByteMs + newest * (firstByteMs - this.firstByteMs)
  }

  fail(): void {
    this.failures++
    this.triedUntil = 0
    this.note(true)
    const failed = this.last.filter(Boolean).length
    const often = this.last.length >= minJudgedCalls && failed > maxFailureShare * this.last.length
    if (!this.onTrial && this.failures < maxFailuresInRow && !often) return
    this.rests++
    this.onTrial = true
    this.last = []
    this.restsUntil = this.now() + Math.min(restMs * this.rests, maxRestMs)
  }

  private note(failed: boolean): void {
    this.last.push(failed)
    if (this.last.length > judgedCalls) this.last.shift()
  }

  /** Not broken, but it wants to be left alone for so long. */
  wait(forMs: number): void {
    this.restsUntil = Math.max(this.restsUntil, this.now() + Math.min(forMs, maxWaitMs))
  }
}
