/** What the detectors give. */

export type SensitiveKind = 'private_key' | 'jwt' | 'key' | 'iban' | 'card' | 'email' | 'phone'

/** A piece of a text, by UTF-16 offsets; `end` is exclusive. */
export interface Finding {
  kind: SensitiveKind
  start: number
  end: number
}

/**
 * Every pattern here is linear: no repetition is without a bound, and a match can begin only where a token begins, so
 * that a long run of one token's characters is walked once and not from each of its places.
 */
export interface Detector {
  kind: SensitiveKind
  pattern: RegExp
  /** Where the finding ends, or `null` when the match is none after all; by default the match's own end. */
  endOf?: (match: string) => number | null
}
