import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SseReader } from '../sse-reader.ts'
import { SseLimitError, writeSse, writeSseComment, type SseEvent } from '../../bytes/sse.ts'

const encoder = new TextEncoder()

function parse(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const parser = new SseReader()
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return places.slice(1).flatMap((end, index) => parser.push(bytes.subarray(places[index], end)))
}

describe('server-sent events', () => {
  test('lines end in LF, CR or CRLF, also mixed', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      expect(parse(encoder.encode(['event: a', 'data: 1', 'data: 2', '', 'data: 3', '', ''].join(end)))).toEqual([
        { event: 'a', data: '1\n2', id: '' },
        { event: 'message', data: '3', id: '' },
      ])
    }
  })

  test('a BOM is skipped at the start only, comments always, and one space after the colon', () => {
    expect(
      parse(encoder.encode('\u{feff}data:  x\n: keep-alive\n\ndata:\u{feff}y\n\n')).map((event) => event.data),
    ).toEqual([' x', '\u{feff}y'])
  })

  test('ids stay until changed, retry is a number of milliseconds, and an event without its blank line is none', () => {
    expect(
      parse(encoder.encode('id: 7\nretry: 10\ndata: a\n\ndata: b\nretry: x\n\nid: \0\ndata\n\ndata: unfinished\n')),
    ).toEqual([
      { event: 'message', data: 'a', id: '7', retry: 10 },
      { event: 'message', data: 'b', id: '7' },
    ])
  })

  test('a line beyond the limit is an error before it is held, whether it ends or not', () => {
    const limited = (): SseReader => new SseReader({ maxEventBytes: 16 })
    expect(() => limited().push(encoder.encode('data: 0123456789ab'))).toThrow(SseLimitError)
    expect(() => limited().push(encoder.encode('data: 0123456789ab\n'))).toThrow(SseLimitError)
    expect(limited().push(encoder.encode('data: 012345678\n\n'))).toHaveLength(1)
  })

  test('a stream cut in two at any byte reads the same, inside characters and line ends too', () => {
    const bytes = encoder.encode('\u{feff}event: ä\r\ndata: {"x":"€😀"}\r\n\r\n: c\rdata: 2\rid: é\r\rdata: 3\n\n')
    const whole = parse(bytes)
    expect(whole).toHaveLength(3)
    for (let at = 0; at <= bytes.length; at += 1) expect(parse(bytes, [at])).toEqual(whole)
  })

  test('any text in any chunks reads as it does whole', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('data: x', 'data:', 'event: e', ':', 'id: 1', 'retry: 5', '', '', 'data: 💥'),
    )
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')))
      .map((lines) => lines.map(([said, end]) => said + end).join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(400), { maxLength: 12 }), (stream, cuts) => {
        const bytes = encoder.encode(stream)
        expect(
          parse(
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          ),
        ).toEqual(parse(bytes))
      }),
      { numRuns: 300 },
    )
  })

  test('what the writer writes is what the parser reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (data) => {
        const read = parse(encoder.encode(writeSseComment('a\nb') + writeSse(data, 'e')))
        // An event without data is none.
        const events = data.trim() === '' ? [] : [{ event: 'e', data: data.replaceAll(/\r\n|\r/g, '\n'), id: '' }]
        expect(read).toEqual(events)
      }),
      { numRuns: 200 },
    )
  })
})
