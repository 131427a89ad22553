import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compileReplacement,
  replaceAll,
  StreamedReplacement,
  type Replacement,
} from '../../domain/rules/regular-expression.ts'

describe('replacing in a text that comes in pieces', () => {
  const patterns = [
    'ab',
    'a{1,3}b?',
    '\\bab\\b',
    '^a',
    'b$',
    '(?m)^b',
    '(?i)AB|b',
    '[^a]',
    'a.b',
    '(a|ab)(c|bcd)?',
    '😀',
    '\\Ba',
    '.😀?',
    'ab\\z',
    '(?s)a.{0,4}',
  ]
  const compiled = new Map(
    patterns.map((pattern) => [
      pattern,
      (compileReplacement(pattern, '<$0>') as { replacement: Replacement }).replacement,
    ]),
  )
  const letters = fc
    .array(fc.constantFrom('a', 'b', 'c', ' ', '\n', '😀', 'A', 'd'), { maxLength: 24 })
    .map((list) => list.join(''))

  test('the result is that of the whole text, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        letters,
        fc.array(fc.nat(8), { minLength: 1, maxLength: 8 }),
        (pattern, text, sizes) => {
          const replacement = compiled.get(pattern) as Replacement
          expect(replacement.longest).not.toBeNull()
          const streamed = new StreamedReplacement(replacement)
          let out = ''
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] as number
            out += streamed.push(text.slice(at, at + size))
            at += size
            if (size === 0) sizes[turn % sizes.length] = 1
          }
          expect({ text: out + streamed.end() }).toEqual(replaceAll(replacement, text))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('no more is held back than the longest match could need', () => {
    const streamed = new StreamedReplacement(
      (compileReplacement('secret-[0-9]{4}', '*') as { replacement: Replacement }).replacement,
    )
    let held = 0
    for (const letter of 'The secret-1234 is out. '.repeat(50)) {
      held += 1 - (streamed.push(letter).length > 0 ? 1 : 0)
      expect(held).toBeLessThan(2_000)
    }
    expect(streamed.push('x'.repeat(1_000)).length).toBeGreaterThanOrEqual(900)
  })

  test('an expression whose match has no end is none for streams', () => {
    for (const pattern of ['a+', '\\d{2,}', 'a.*b', `a{600}`])
      expect((compileReplacement(pattern, '') as { replacement: Replacement }).replacement.longest).toBeNull()
  })

  test('a text does not grow without end', () => {
    expect(
      replaceAll(
        (compileReplacement('a', 'b'.repeat(1_000)) as { replacement: Replacement }).replacement,
        'a'.repeat(100_000),
      ),
    ).toEqual({ refused: 'the text would become too long' })
  })
})
