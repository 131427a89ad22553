import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editJson, type JsonEdit } from '../bytes/json-edit.ts'
import { locate } from '../bytes/json-scan.ts'

const edit = (text: string, ...edits: JsonEdit[]): string | null =>
  editJson(Buffer.from(text), edits)?.toString('utf8') ?? null

describe('editing JSON bytes', () => {
  test('cuts the prefix out of the model and leaves every other byte', () => {
    const body =
      ' {\n\t"temperature": 1.50e+1 , "model" : "mock/gpt-4o", "x":[1,2 ,{"model":"mock/inner"}], "big": 12345678901234567890 }\n'
    expect(edit(body, { kind: 'cut', path: ['model'], prefix: 'mock/' })).toBe(
      body.replace('"mock/gpt-4o"', '"gpt-4o"'),
    )
  })

  test('of members with one name the last one is edited, because it is the one that counts', () => {
    const body = '{"model":"a/one","model":"a/two","messages":[{"content":"x","content":"y"}]}'
    expect(edit(body, { kind: 'cut', path: ['model'], prefix: 'a/' })).toBe(body.replace('a/two', 'two'))
    expect(edit(body, { kind: 'replace', path: ['messages', 0, 'content'], text: 'z' })).toBe(
      body.replace('"y"', '"z"'),
    )
  })

  test('a prefix and a name that are written with escapes are found', () => {
    const cut = (text: string, prefix: string): string | null => edit(text, { kind: 'cut', path: ['model'], prefix })
    expect(cut('{"mod\\u0065l":"o\\u0061\\/gpt\\u002dx" }', 'oa/')).toBe('{"mod\\u0065l":"gpt\\u002dx" }')
    expect(cut('{"model":"caf\\u00E9\\/x"}', 'café/')).toBe('{"model":"x"}')
    expect(cut('{"model":"\\ud83d\\ude00/😀"}', '😀/')).toBe('{"model":"😀"}')
    expect(cut('{"model":"😀/\\ud83d\\ude00"}', '😀/')).toBe('{"model":"\\ud83d\\ude00"}')
    expect(cut('{"model":"o\\u0062/x"}', 'oa/')).toBeNull()
    expect(cut('{"model":"o"}', 'o"}')).toBeNull()
  })

  test('a system prompt goes in first, into a list or as a member, also where that is empty', () => {
    expect(edit('{"messages": [ ]}', { kind: 'unshift', path: ['messages'], json: '1' })).toBe('{"messages": [1 ]}')
    expect(edit('{"messages":[2]}', { kind: 'unshift', path: ['messages'], json: '1' })).toBe('{"messages":[1,2]}')
    expect(edit('{ "a":1}', { kind: 'addMember', name: 'system', json: '"s"' })).toBe('{"system":"s", "a":1}')
    expect(edit('{}', { kind: 'addMember', name: 'system', json: '"s"' })).toBe('{"system":"s"}')
  })

  test('a member goes with the comma in front, the first of several with the comma behind, and the only one with none', () => {
    const remove = (text: string, ...path: (string | number)[]): string | null => edit(text, { kind: 'remove', path })
    expect(remove('{"a":1,"b":null}', 'b')).toBe('{"a":1}')
    expect(remove('{"a":1, "b" : null , "c":2}', 'b')).toBe('{"a":1 , "c":2}')
    expect(remove('{ "b":null, "a":1}', 'b')).toBe('{ "a":1}')
    expect(remove('{ "b":null }', 'b')).toBe('{  }')
    expect(remove('{"x":[1,{"y":2,"z":3},4]}', 'x', 1, 'y')).toBe('{"x":[1,{"z":3},4]}')
    expect(remove('{"x":[1,2,3]}', 'x', 1)).toBe('{"x":[1,3]}')
    expect(edit('{}', { kind: 'remove', path: [] })).toBeNull()
  })

  test('any value gives way to any other, and a member goes into an object further in', () => {
    expect(edit('{"a":[1,{"b": null}]}', { kind: 'set', path: ['a', 1, 'b'], json: '{"c":1.0}' })).toBe(
      '{"a":[1,{"b": {"c":1.0}}]}',
    )
    expect(edit('{"a":{"b":1}}', { kind: 'addMember', path: ['a'], name: 'c', json: 'true' })).toBe(
      '{"a":{"c":true,"b":1}}',
    )
    expect(edit('{"a":{ }}', { kind: 'addMember', path: ['a'], name: 'c', json: 'true' })).toBe('{"a":{"c":true }}')
    expect(edit('{"a":{"c":1}}', { kind: 'addMember', path: ['a'], name: 'c', json: 'true' })).toBeNull()
    expect(edit('{"a":[]}', { kind: 'addMember', path: ['a'], name: 'c', json: 'true' })).toBeNull()
  })

  test('a place that is not there, or not of the kind, is not edited', () => {
    expect(edit('{"system":null}', { kind: 'addMember', name: 'system', json: '1' })).toBeNull()
    expect(edit('{"a":[]}', { kind: 'replace', path: ['a', 0], text: 'x' })).toBeNull()
    expect(edit('{"a":1}', { kind: 'replace', path: ['a'], text: 'x' })).toBeNull()
    expect(edit('{"a":"b"}', { kind: 'unshift', path: ['a'], json: '1' })).toBeNull()
    expect(edit('{"a":"bc"}', { kind: 'cut', path: ['a'], prefix: 'c' })).toBeNull()
  })

  /** JSON as a person or an odd program might write it: any spacing, any escapes. */
  const spacing = fc.array(fc.constantFrom(' ', '\n', '\t', '\r'), { maxLength: 2 }).map((parts) => parts.join(''))
  const written = (value: unknown, draw: () => string): string => {
    if (typeof value === 'string') return JSON.stringify(value).replaceAll('/', () => (draw() === '' ? '/' : '\\/'))
    if (Array.isArray(value))
      return `[${draw()}${value.map((item) => written(item, draw)).join(`${draw()},${draw()}`)}${draw()}]`
    if (typeof value === 'object' && value !== null) {
      return `{${draw()}${Object.entries(value)
        .map(([key, item]) => `${written(key, draw)}${draw()}:${draw()}${written(item, draw)}`)
        .join(`${draw()},${draw()}`)}${draw()}}`
    }
    return JSON.stringify(value)
  }

  test('every text of any JSON can be replaced, and nothing else changes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1 }),
        fc.array(spacing, { minLength: 1 }),
        fc.string(),
        fc.nat(),
        (value, spaces, text, choice) => {
          let at = 0
          const source = written(value, () => spaces[at++ % spaces.length] as string)
          const clean = JSON.parse(source) as unknown
          const places = textPlaces(clean, [])
          const path = places[choice % Math.max(1, places.length)]
          if (path === undefined) return
          const body = Buffer.from(source)
          const range = locate(body, path)
          expect(range).not.toBeNull()
          const edited = editJson(body, [{ kind: 'replace', path, text }]) as Buffer
          expect(JSON.parse(edited.toString())).toEqual(withText(clean, path, text))
          const { start, end } = range as { start: number; end: number }
          expect(edited.subarray(0, start).equals(body.subarray(0, start))).toBe(true)
          expect(edited.subarray(edited.length - (body.length - end)).equals(body.subarray(end))).toBe(true)
        },
      ),
    )
  })

  test('a text ends where it ends, however long it is and however dense its escapes are', () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom('"', '\\', '\\"', '\n', 'x', 'é'), fc.string({ minLength: 20, maxLength: 80 })), {
        maxLength: 40,
      })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (before, wanted) => {
        const body = Buffer.from(JSON.stringify({ [before]: before, wanted, after: [before, '"'] }))
        const place = locate(body, ['wanted'])
        expect(body.toString('utf8', place?.start, place?.end)).toBe(JSON.stringify(wanted))
        expect(locate(body, ['after', 1])?.end).toBe(body.length - 2)
      }),
      { numRuns: 300 },
    )
  })

  test('all texts of any JSON can be replaced at once', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1 }),
        fc.array(spacing, { minLength: 1 }),
        (value, spaces) => {
          let at = 0
          const source = written(value, () => spaces[at++ % spaces.length] as string)
          const clean = JSON.parse(source) as unknown
          const edits = textPlaces(clean, []).map((path, index): JsonEdit => ({
            kind: 'replace',
            path,
            text: `text ${index}`,
          }))
          const edited = editJson(Buffer.from(source), edits) as Buffer
          let expected = clean
          for (const [index, { path }] of edits.entries())
            expected = withText(expected, path as (string | number)[], `text ${index}`)
          expect(JSON.parse(edited.toString())).toEqual(expected)
        },
      ),
    )
  })
})

function textPlaces(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (typeof value === 'string') return [path]
  if (Array.isArray(value)) return value.flatMap((item, index) => textPlaces(item, [...path, index]))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) => (key === '__proto__' ? [] : textPlaces(item, [...path, key])))
  return []
}

function withText(value: unknown, [step, ...rest]: (string | number)[], text: string): unknown {
  if (step === undefined) return text
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? withText(item, rest, text) : item))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === step ? withText(item, rest, text) : item]),
  )
}
