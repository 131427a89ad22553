import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffTexts, findFlags, splitSlots, type Piece } from '../data/diff.ts'

const side = (pieces: Piece[], without: Piece['kind']): string =>
  pieces
    .filter((piece) => piece.kind !== without)
    .map((piece) => piece.text)
    .join('')

test('both texts can be read out of their comparison, whatever they are', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '.', '{{input}}', 'é', '🙂'), maxLength: 40 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = diffTexts(before, after)
      expect(side(pieces, 'added')).toBe(before)
      expect(side(pieces, 'removed')).toBe(after)
    }),
  )
})

test('words that change together read as one change', () => {
  expect(diffTexts('Answer very briefly now', 'Answer in full length now')).toEqual([
    { kind: 'same', text: 'Answer ' },
    { kind: 'removed', text: 'very briefly' },
    { kind: 'added', text: 'in full length' },
    { kind: 'same', text: ' ' },
    { kind: 'same', text: 'now' },
  ])
})

test('a slot is never cut into pieces', () => {
  expect(diffTexts('Sum {{input}}', 'Sum {{inputs}}')).toEqual([
    { kind: 'same', text: 'Sum ' },
    { kind: 'removed', text: '{{input}}' },
    { kind: 'added', text: '{{inputs}}' },
  ])
  expect(splitSlots('a {{b}}{{c}}')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'slot', text: '{{b}}' },
    { kind: 'slot', text: '{{c}}' },
  ])
})

test('a long text with changes all over is compared to its end', () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `word${index % 977}`)
  const before = words.join(' ').replaceAll('word13 ', 'word13\n')
  const after = before.replaceAll('word5', 'other')
  const pieces = diffTexts(before, after)
  expect(side(pieces, 'removed')).toBe(after)
  expect(side(pieces, 'added')).toBe(before)
})

test.each([
  [
    'a changed slot',
    { system: null, template: '{{a}} x' },
    { system: null, template: '{{b}} x' },
    ['Loses the slot {{a}}', 'Adds the slot {{b}}'],
  ],
  [
    'a new system prompt',
    { system: null, template: 'A long enough text {{a}}' },
    { system: 'Be.', template: 'A long enough text {{a}}' },
    ['Adds a system prompt'],
  ],
  [
    'a much longer prompt',
    { system: 'Short.', template: null },
    { system: 'Short. And a lot more.', template: null },
    ['Longer by 16 characters in every request'],
  ],
  [
    'a small change',
    { system: 'Be very brief now.', template: null },
    { system: 'Be really brief.', template: null },
    [],
  ],
])('a person is told to look twice at %s', (_, before, after, flags) => {
  expect(findFlags(before, after)).toEqual(flags)
})
