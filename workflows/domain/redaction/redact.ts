/**
 * Takes out of a text what names a person, an account or a secret, before the text goes to anybody who need not know
 * it. Pure, linear in the text's length, and deterministic: the same value has the same placeholder in every text of
 * one redactor, so that a reader still sees what belongs together.
 */
import type { Detector, Finding, SensitiveKind } from './finding.ts'
import { cards, ibans, phones } from './numbers.ts'
import { jwts, keys, privateKeys } from './secrets.ts'

const emails: Detector = {
  kind: 'email',
  pattern:
    /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}[\p{L}]{2,24}/gu,
}

/** What one has found the next ones do not see: a card's digits may read as a telephone, never the other way round. */
export const detectors: readonly Detector[] = [privateKeys, jwts, keys, ibans, cards, emails, phones]

/** In the order of the text, without overlaps. */
export function findSensitive(text: string): Finding[] {
  const findings: Finding[] = []
  let rest = text
  for (const detector of detectors) {
    const found = find(detector, rest)
    if (found.length === 0) continue
    findings.push(...found)
    rest = mask(rest, found)
  }
  return findings.sort((a, b) => a.start - b.start)
}

/** Places stay where they are; no pattern goes over a NUL. */
function mask(text: string, findings: Finding[]): string {
  let masked = ''
  let at = 0
  for (const { start, end } of findings) {
    masked += text.slice(at, start) + '\0'.repeat(end - start)
    at = end
  }
  return masked + text.slice(at)
}

/** What a match turns out not to take is looked at again: the next finding may begin in it. */
function find({ kind, pattern, endOf }: Detector, text: string): Finding[] {
  const found: Finding[] = []
  const search = new RegExp(pattern)
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const end = endOf ? endOf(match[0]) : match[0].length
    if (end !== null) found.push({ kind, start: match.index, end: match.index + end })
    search.lastIndex = match.index + (end ?? 1)
  }
  return found
}

export interface Redactor {
  redact(text: string): string
  /** Puts back what stood in `whole` before it was redacted by this redactor; placeholders of other texts stay. */
  restore(text: string, whole: string): string
  /** How many different values of each kind it has met. */
  readonly counts: Readonly<Partial<Record<SensitiveKind, number>>>
}

export function createRedactor(): Redactor {
  const placeholders = new Map<string, string>()
  /** As it was written first; other spellings of a value come back as that one. */
  const values = new Map<string, string>()
  const counts: Partial<Record<SensitiveKind, number>> = {}

  function toPlaceholder(kind: SensitiveKind, value: string): string {
    const name = `${kind}\n${normalize(kind, value)}`
    const known = placeholders.get(name)
    if (known !== undefined) return known
    const number = (counts[kind] = (counts[kind] ?? 0) + 1)
    const placeholder = `[${kind.toUpperCase()}_${number}]`
    placeholders.set(name, placeholder)
    values.set(placeholder, value)
    return placeholder
  }

  function redact(text: string): string {
    let redacted = ''
    let at = 0
    for (const { kind, start, end } of findSensitive(text)) {
      redacted += text.slice(at, start) + toPlaceholder(kind, text.slice(start, end))
      at = end
    }
    return redacted + text.slice(at)
  }

  return {
    counts,
    redact,
    restore(text, whole) {
      const own = new Set(redact(whole).match(placeholder))
      return text.replace(placeholder, (found) => (own.has(found) ? (values.get(found) ?? found) : found))
    },
  }
}

/** What `redact` writes in the place of a value. */
export const placeholder = /\[(?:PRIVATE_KEY|JWT|KEY|IBAN|CARD|EMAIL|PHONE)_\d{1,6}\]/g

/** The same number in other groups is the same number. */
function normalize(kind: SensitiveKind, value: string): string {
  if (kind === 'email') return value.toLowerCase()
  return kind === 'phone' || kind === 'card' || kind === 'iban'
    ? value.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()
    : value
}
