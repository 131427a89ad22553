/**
 * Which units this gateway has exposed to experiments, for the time in which it hears of nobody. Bounded: the unit that
 * was seen longest ago is forgotten first, and then counts as new, which is the safe side.
 */
/** Units that this gateway has exposed, by the numbers drawn for them. */
export interface ExposedUnits {
  add(drawn: number): void
  has(drawn: number): boolean
}

/** About 6 MB. */
const defaultMost = 131_072

/**
 * Units go by the 48-bit numbers drawn for them: among this many a new one is mistaken for a known one once in two
 * thousand million.
 */
export function createExposedUnits(most = defaultMost): ExposedUnits {
  const units = new Set<number>()
  return {
    add(drawn) {
      // Set anew, so that the first entry is the one that was not seen for the longest.
      units.delete(drawn)
      units.add(drawn)
      if (units.size > most) units.delete(units.values().next().value as number)
    },
    has: (drawn) => units.has(drawn),
  }
}
