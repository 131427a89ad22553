/**
 * The openings of the prompts that are kept as evidence: where each prompt counted when it was last looked at, and what
 * follows for stored exchanges when it counts elsewhere now. Pure.
 */
import { fingerprintTexts } from '../patterns/fingerprint.ts'
import type { TeamChanges } from './team-changes.ts'
import type { Row } from './state.ts'
import { minSupport } from './weights.ts'

type KeptRow = Pick<Row, 'id' | 'prompt' | 'pattern'>

export class OpeningBook {
  /** What each kept prompt counted for when it was last looked at. */
  private readonly placed = new Map<number, string | null>()
  private readonly openingOf = new Map<number, string | null>()
  private readonly absorbed = new Set<string>()
  private readonly contradicted = new Set<string>()

  /** Whether a pattern counts for stored exchanges. */
  private readonly counts: (pattern: string) => boolean

  constructor(rows: Iterable<KeptRow>, counts: (pattern: string) => boolean) {
    this.counts = counts
    for (const row of rows) this.place(row)
  }

  readOpening({ id, prompt }: KeptRow): string | null {
    let opening = this.openingOf.get(id)
    if (opening === undefined)
      this.openingOf.set(id, (opening = fingerprintTexts(prompt.system, prompt.user)?.hash ?? null))
    return opening
  }

  /** What changed since the last time. O(evidence). */
  renew(rows: Iterable<KeptRow>): Pick<TeamChanges, 'review' | 'contradicted'> {
    const left = new Map<string, number>()
    const explained = new Map<string, [string, string]>()
    const alive = new Set<number>()
    const unexplained = new Set<string>()
    for (const row of rows) {
      alive.add(row.id)
      const opening = this.readOpening(row)
      const before = this.placed.get(row.id)
      const now = this.patternThatCounts(row)
      if (row.pattern === null && opening !== null) unexplained.add(opening)
      this.place(row)
      if (before === undefined || before === now) continue
      if (before !== null) left.set(before, (left.get(before) ?? 0) + 1)
      else if (opening !== null && now !== null) explained.set(`${opening} ${now}`, [opening, now])
    }
    this.forgetOthers(alive)
    for (const [opening] of explained.values()) this.contradicted.delete(opening)
    // A few prompts that change sides say nothing of the others: a pattern's stored exchanges are worth a look where
    // enough have left it to be a pattern.
    const patterns = [...left].flatMap(([pattern, count]) => (count >= minSupport ? [pattern] : []))
    return { review: { patterns, openings: [...explained.values()] }, contradicted: this.contradict(unexplained) }
  }

  /** For every opening: how many of its prompts no pattern explains, and the patterns that explain the others. */
  summarise(rows: Iterable<KeptRow>): Map<string, { unexplained: number; patterns: Set<string> }> {
    const openings = new Map<string, { unexplained: number; patterns: Set<string> }>()
    for (const row of rows) {
      const opening = this.readOpening(row)
      if (opening === null) continue
      const entry = openings.get(opening) ?? { unexplained: 0, patterns: new Set<string>() }
      openings.set(opening, entry)
      const pattern = this.patternThatCounts(row)
      if (pattern === null) entry.unexplained++
      else entry.patterns.add(pattern)
    }
    return openings
  }

  private patternThatCounts({ pattern }: KeptRow): string | null {
    return pattern !== null && this.counts(pattern) ? pattern : null
  }

  private place(row: KeptRow): void {
    const pattern = this.patternThatCounts(row)
    this.placed.set(row.id, pattern)
    const opening = pattern === null ? null : this.readOpening(row)
    if (opening !== null) this.absorbed.add(opening)
  }

  private forgetOthers(alive: Set<number>): void {
    for (const row of this.placed.keys()) {
      if (alive.has(row)) continue
      this.placed.delete(row)
      this.openingOf.delete(row)
    }
  }

  private contradict(unexplained: Set<string>): string[] {
    const contradicted = [...unexplained].filter(
      (opening) => this.absorbed.has(opening) && !this.contradicted.has(opening),
    )
    for (const opening of contradicted) this.contradicted.add(opening)
    return contradicted
  }
}
