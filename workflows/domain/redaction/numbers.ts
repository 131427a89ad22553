/**
 * Numbers that name an account or a line: cards by Luhn's sum, IBANs by their check digits, telephones by how they are
 * written.
 */
import type { Detector } from './finding.ts'

/**
 * ISO 7812: the first digit of the networks that people pay with; 13 to 19 digits, in one or grouped as on the card,
 * whose weighted sum ends in 0.
 */
export const cards: Detector = {
  kind: 'card',
  pattern: /(?<![\d.,-])[2-6](?:\d{12,18}|\d{3}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{3}[ -]\d{6}[ -]\d{4,5})(?!\d)/g,
  endOf: (match) => longestGroups(match, (text) => text.replace(/\D/g, '').length >= 13 && passesLuhn(text)),
}

/** Other numbers may follow a number after a space, so groups are left away from the end until it is one. */
function longestGroups(match: string, isOne: (text: string) => boolean): number | null {
  for (let end = match.length; end > 0; end--) {
    if (/\d/.test(match[end - 1] as string) && !/\d/.test(match[end] ?? ' ') && isOne(match.slice(0, end))) return end
  }
  return null
}

/** Luhn's sum, US patent 2,950,048: every second digit from the right counts double, with its digits added. */
function passesLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48
    const weighted = place % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0 && !/^(\d)\1*$/.test(digits)
}

/** Lengths by country, from the SWIFT IBAN registry. */
const ibanLengths: Record<string, number> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
}

export const ibans: Detector = {
  kind: 'iban',
  pattern: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}/g,
  endOf: (match) => {
    const length = ibanLengths[match.slice(0, 2).toUpperCase()]
    if (length === undefined) return null
    // What follows may be of the same characters, so exactly as many as the country has are taken.
    let end = 0
    for (let taken = 0; taken < length; end++) {
      if (end >= match.length) return null
      if (/[A-Za-z0-9]/.test(match[end] as string)) taken++
    }
    if (/[A-Za-z0-9]/.test(match[end] ?? ' ')) return null
    return hasIbanRemainder(match.slice(0, end)) ? end : null
  },
}

/** ISO 7064 MOD 97-10: country and check digits go to the end, letters count from 10, and the remainder is 1. */
function hasIbanRemainder(text: string): boolean {
  const plain = text.replace(/[ -]/g, '').toUpperCase()
  let remainder = 0
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}

/**
 * With a country's code, with an area in brackets, as three, three and four digits, or national with a leading 0 and a
 * separator.
 */
export const phones: Detector = {
  kind: 'phone',
  pattern: /(?<![\w.,:+/-])(?:\+|00|\()?\d(?:[ ()./-]{0,3}\d){6,16}(?!\w|[.,]\d)/g,
  endOf: (match) => (phoneStart.test(match) ? longestGroups(match, readsAsPhone) : null),
}

const phoneStart = /^(?:\+|00[1-9]|\(|0[1-9]|1[ .-]|[2-9]\d{2}[ .-])/

function readsAsPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  if (digits > 15) return false
  if (/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(text) || /^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}$/.test(text)) return false
  if (/^(?:\+|00)[1-9]/.test(text)) return digits >= 8
  if (/^(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}$/.test(text)) return true
  if (/^\(\d{2,5}\)/.test(text)) return digits >= 8
  return /^0[1-9]\d{0,4}[ /-]{1,3}\d/.test(text) && digits >= 8
}
