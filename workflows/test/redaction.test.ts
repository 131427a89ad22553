import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor, detectors, findSensitive } from '../domain/redaction/redact.ts'

const redact = (text: string): string => createRedactor().redact(text)
const kinds = (text: string): string[] => findSensitive(text).map(({ kind }) => kind)

describe('what is sensitive is taken out', () => {
  test.each<[string, string, string]>([
    ['an address', 'write to Ada.Lovelace+x@mail.example.co.uk, please', 'write to [EMAIL_1], please'],
    ['an address with letters of its own', 'jürgen@müller.de', '[EMAIL_1]'],
    ['a card in groups', 'card 4111 1111 1111 1111 exp 12/27', 'card [CARD_1] exp 12/27'],
    ['a card in one', '5500005555555559.', '[CARD_1].'],
    ['a card with other numbers after it', 'no. 12 4111 1111 1111 1111 12/27', 'no. 12 [CARD_1] 12/27'],
    ['an IBAN in groups with words after it', 'IBAN DE89 3704 0044 0532 0130 00 AND MORE', 'IBAN [IBAN_1] AND MORE'],
    ['an IBAN in one', 'GB82WEST12345698765432', '[IBAN_1]'],
    ['a telephone with its country', 'call +49 (0)30 901820-12 now', 'call [PHONE_1] now'],
    ['a telephone with other numbers after it', '+49 30 901820 1234567890', '[PHONE_1] 1234567890'],
    ['a telephone before an address of digits', '+49 111111111 0@mail.com', '[PHONE_1] [EMAIL_1]'],
    ['an American telephone', 'call (415) 555-2671 or 415-555-2671', 'call [PHONE_1] or [PHONE_1]'],
    ['a national telephone', 'Tel. 030/901820', 'Tel. [PHONE_1]'],
    ['an OpenAI key', 'key=sk-proj-abcdefghij0123456789ABCD', 'key=[KEY_1]'],
    ['an Anthropic key', '"sk-ant-api03-abcdefghijklmnopqrstuvwxyz_0123"', '"[KEY_1]"'],
    ['an AWS key', 'AKIAIOSFODNN7EXAMPLE', '[KEY_1]'],
    ['a Google key', 'AIzaSyA1234567890abcdefghijklmnopqrstuv', '[KEY_1]'],
    ['a GitHub token', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[KEY_1]'],
    ['a Hugging Face token', 'hf_abcdefghijklmnopqrstuvwxyzABCDEF', '[KEY_1]'],
    ['a Slack token', 'xoxb-123456789012-abcdefABCDEF', '[KEY_1]'],
    ['a Stripe key', 'sk_live_abcdefghijklmnop1234', '[KEY_1]'],
    ['a JWT', 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P', 'Bearer [JWT_1]'],
    [
      'a private key',
      'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK==\n-----END RSA PRIVATE KEY-----\nb',
      'a\n[PRIVATE_KEY_1]\nb',
    ],
    ['a private key without its end', '-----BEGIN PRIVATE KEY-----\nMIIEowIBAAK', '[PRIVATE_KEY_1]'],
    [
      'a private key inside JSON',
      String.raw`{"key":"-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n"}`,
      String.raw`{"key":"[PRIVATE_KEY_1]\n"}`,
    ],
  ])('%s', (_, text, redacted) => expect(redact(text)).toBe(redacted))
})

describe('what only looks like it stays', () => {
  test.each([
    'the version 1.2.3.4 of 2024-01-31, 12:30:45',
    'invoice 4111 1111 1111 1112 has a wrong check digit',
    'GB82 WEST 1234 5698 7654 33',
    'order 1234567890123 and 0000 0000 0000 0000',
    'a@b, @handle, user@localhost, 5 @ 3',
    'sk-short and task-force-number-one-two-three',
    'the sum of 1,234,567.89 and 31.12.2024',
    'eyJ is how they begin',
    'Answer {{input}} with [EMAIL_1] as it stands.',
  ])('%s', (text) => expect(redact(text)).toBe(text))
})

test('the same value is the same placeholder in every text, whatever its groups, and others count on', () => {
  const redactor = createRedactor()
  expect(redactor.redact('a@x.de b@x.de A@X.de')).toBe('[EMAIL_1] [EMAIL_2] [EMAIL_1]')
  expect(redactor.redact('b@x.de c@x.de 4111111111111111')).toBe('[EMAIL_2] [EMAIL_3] [CARD_1]')
  expect(redactor.redact('4111-1111-1111-1111')).toBe('[CARD_1]')
  expect(redactor.counts).toEqual({ email: 3, card: 1 })
})

const luhn = (digits: string): string => {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, place) => {
      const weighted = Number(digit) * (place % 2 === 0 ? 2 : 1)
      return total + (weighted > 9 ? weighted - 9 : weighted)
    }, 0)
  return digits + String((10 - (sum % 10)) % 10)
}
const characters = (set: string, min: number, max = min): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(set)), minLength: min, maxLength: max })
const alphanumeric = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** With the check digits that make the remainder 1. */
const germanIban = characters('0123456789', 18).map((account) => {
  let remainder = 0
  for (const digit of `${account}131400`) remainder = (remainder * 10 + Number(digit)) % 97
  return `DE${String(98 - remainder).padStart(2, '0')}${account}`
})
const secret = fc.oneof(
  fc
    .tuple(characters(alphanumeric, 1, 20), characters('abcdefghijklmnopqrstuvwxyz', 2, 12))
    .map(([name, host]) => `${name}@${host}.com`),
  characters('0123456789', 14)
    .map((digits) => luhn(`4${digits}`))
    .filter((digits) => new Set(digits).size > 1),
  germanIban,
  fc
    .tuple(fc.constantFrom('sk-', 'sk-ant-api03-', 'gsk_', 'hf_', 'ghp_', 'xai-'), characters(alphanumeric, 40))
    .map(([prefix, rest]) => prefix + rest),
  characters('123456789', 9, 11).map((digits) => `+49 ${digits}`),
)
const prose = fc.string({ unit: fc.constantFrom(...Array.from('abc XYZ,.;:!?\n"\'()ß日本{}<>')), maxLength: 60 })

describe('for any text', () => {
  test('what is planted in it never comes through, and what is around it does', () => {
    fc.assert(
      fc.property(prose, secret, prose, (before, planted, after) => {
        const redacted = redact(`${before} ${planted} ${after}`)
        expect(redacted).not.toContain(planted)
        expect(redacted.startsWith(`${before} `)).toBe(true)
        expect(redacted.endsWith(` ${after}`)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('redacting twice is redacting once, and the same each time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(prose, secret)).map((parts) => parts.join(' ')),
        (text) => {
          const once = redact(text)
          expect(redact(text)).toBe(once)
          expect(redact(once)).toBe(once)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('findings are in order, apart from each other, and inside the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(secret, prose, fc.string())).map((parts) => parts.join('')),
        (text) => {
          let end = 0
          for (const finding of findSensitive(text)) {
            expect(finding.start).toBeGreaterThanOrEqual(end)
            expect(finding.end).toBeGreaterThan(finding.start)
            end = finding.end
          }
          expect(end).toBeLessThanOrEqual(text.length)
        },
      ),
    )
  })
})

describe('its time grows with the text and no faster', () => {
  test('no pattern repeats without a bound', () => {
    for (const { kind, pattern } of detectors) {
      const outsideClasses = pattern.source
        .replace(/\\./g, 'x')
        .replace(/\[[^\]]*\]/g, 'c')
        .replace(/\(\?(?:[:=!]|<[=!])/g, '(')
      expect(outsideClasses, kind).not.toMatch(/[*+]|\{\d+,\}/)
    }
  })

  test('and every pattern begins at the beginning of a token', () => {
    for (const { kind, pattern } of detectors) expect(pattern.source, kind).toMatch(/^(?:\(\?<!|-----BEGIN )/)
  })

  // Each would take minutes, if a pattern went over the rest of the text from each of its places.
  test.each([
    'a',
    '@',
    'a@',
    '4',
    '4 ',
    '+',
    'DE89',
    'eyJ',
    'eyJ.',
    'sk-',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '(',
    '0 ',
    'a.',
    'a-',
    '\\n',
  ])('a megabyte of %j is gone through', (unit) => {
    expect(kinds(unit.repeat(Math.ceil(1_000_000 / unit.length)))).toBeDefined()
  })
})
