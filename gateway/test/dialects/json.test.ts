import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isObject, JsonSyntaxError, parseJson, Raw, rawText, writeJson, type JsonValue } from '../../dialects/json.ts'

describe('JSON that keeps its text', () => {
  test('an object gives back the bytes it was read from: number texts, order, spaces, doubled names', () => {
    const value = parseJson('{"a": {"n": 1.0, "big": 12345678901234567890, "10": 1, "2": 2e+3 } , "b":[ 1.50 ]}')
    expect(isObject(value) && rawText(value.a ?? null)).toBe(
      '{"n": 1.0, "big": 12345678901234567890, "10": 1, "2": 2e+3 }',
    )
    expect(isObject(value) && rawText(value.b ?? null)).toBe('[ 1.50 ]')
    expect(writeJson({ kept: new Raw('{"n": 1.0}'), left: undefined, list: [1, null] })).toBe(
      '{"kept":{"n": 1.0},"list":[1,null]}',
    )
  })

  test('it reads what JSON.parse reads, and the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => void expect(parseJson(text)).toEqual(JSON.parse(text))),
      { numRuns: 300 },
    )
  })

  test('it refuses what JSON.parse refuses', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('"', '}', ',', '\\', '\u0001', '0', 'x', ':', ']'))
      .map(([text, at, noise]) => {
        const place = at % (text.length + 1)
        return text.slice(0, place) + noise + text.slice(place)
      })
    fc.assert(
      fc.property(broken, (text) => {
        let native: JsonValue | undefined
        try {
          native = JSON.parse(text) as JsonValue
        } catch {
          expect(() => parseJson(text)).toThrow(JsonSyntaxError)
          return
        }
        expect(parseJson(text)).toEqual(native)
      }),
      { numRuns: 500 },
    )
  })

  test('a member named __proto__ is a member, and depth has an end', () => {
    expect(Object.keys(parseJson('{"__proto__":{"x":1}}') as object)).toEqual(['__proto__'])
    expect(() => parseJson('['.repeat(10_000))).toThrow(JsonSyntaxError)
  })
})
