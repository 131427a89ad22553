import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createParser } from 'eventsource-parser'
import { createEventStage } from '../bytes/sse-stage.ts'
import { openStage } from './stage.ts'
import type { SseBlock } from '../bytes/sse-block.ts'
import { SseSplitter } from '../bytes/sse-splitter.ts'

function split(bytes: Buffer, cuts: readonly number[] = [], limits?: { maxEventBytes: number }): SseBlock[] {
  const splitter = new SseSplitter(limits)
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  const blocks = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end)))
  const last = splitter.end()
  return last === null ? blocks : [...blocks, last]
}

const toRaw = (blocks: SseBlock[]): string => Buffer.concat(blocks.map(({ bytes }) => bytes)).toString('latin1')
const toDatas = (blocks: SseBlock[]): string[] =>
  blocks.filter(({ data }) => data.length > 0).map((block) => block.toData().toString('utf8'))

/** Streams as a server or a hostile one might write them: any line ends, marks, comments, odd fields. */
const line = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '')),
  fc.constantFrom(
    'data: x',
    'data:',
    'data',
    'data:  two',
    'database: no',
    'event: e',
    ':',
    ': comment',
    'id: 1',
    '',
    '',
    '',
    'data: 💥',
    '\u{feff}data: marked',
    '\u{feff}',
  ),
)
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')))
  .map((lines) => Buffer.from(lines.map(([said, end]) => said + end).join('')))
const cuts = fc.array(fc.nat(400), { maxLength: 12 })

describe('splitting a stream into events', () => {
  test('every byte comes out once and in order, and the data is what the parser reads, wherever the stream is cut', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        const blocks = split(
          bytes,
          places.map((place) => place % (bytes.length + 1)),
        )
        expect(toRaw(blocks)).toBe(bytes.toString('latin1'))
        const read: string[] = []
        createParser({ onEvent: ({ data }) => read.push(data) }).feed(bytes.toString('utf8'))
        // The last block may lack its blank line: then it is no event yet for the parser.
        expect(toDatas(blocks).slice(0, read.length)).toEqual(read)
        expect(toDatas(blocks).length - read.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  test('an event is out with the byte that completes it, also where a CR may be half of a CRLF', () => {
    for (const [end, lines] of [
      ['\n', 2],
      ['\r', 2],
      ['\r\n', 2],
    ] as const) {
      const bytes = Buffer.from(`data: 1${end.repeat(lines)}`)
      const splitter = new SseSplitter()
      // A blank line that ends in CR is complete with it.
      const complete = end === '\r\n' ? bytes.length - 1 : bytes.length
      expect(splitter.push(bytes.subarray(0, complete - 1))).toEqual([])
      expect(splitter.push(bytes.subarray(complete - 1, complete)).map((block) => block.toData().toString())).toEqual([
        '1',
      ])
      expect(splitter.heldBytes).toBe(0)
      expect(toRaw(splitter.push(bytes.subarray(complete)))).toBe(bytes.toString('latin1', complete))
    }
  })

  test('a byte order mark in front of the first line is no part of its name, elsewhere it is', () => {
    expect(toDatas(split(Buffer.from('\u{feff}data: a\n\n\u{feff}data: b\n\n')))).toEqual(['a'])
    expect(toDatas(split(Buffer.from('\u{feff}\n\u{feff}data: b\n\ndata: c\n\n')))).toEqual(['c'])
  })

  test('an event that is too long passes as it comes, unread, and the next one is read again', () => {
    const long = `data: ${'x'.repeat(100)}\r\n\r\n`
    const bytes = Buffer.from(`data: 1\n\n${long}data: 2\n\n`)
    for (let at = 1; at < bytes.length; at++) {
      const blocks = split(
        bytes,
        [...Array.from({ length: bytes.length }, (_, place) => place).filter((place) => place % 7 === 0), at],
        { maxEventBytes: 64 },
      )
      expect(toRaw(blocks)).toBe(bytes.toString('latin1'))
      expect(toDatas(blocks)).toEqual(['1', '2'])
    }
    const splitter = new SseSplitter({ maxEventBytes: 64 })
    for (const byte of bytes) {
      splitter.push(Buffer.of(byte))
      expect(splitter.heldBytes).toBeLessThanOrEqual(64)
    }
  })

  test('a change of the data leaves everything else of the event, also where the data has several lines', () => {
    const raw = ': c\nevent: e\ndata: {"a":\r\ndata:"b",\rdata:  "c":1}\nid: 3\n\n'
    const block = split(Buffer.from(raw))[0] as SseBlock
    const data = block.toData().toString()
    expect(data).toBe('{"a":\n"b",\n "c":1}')
    const at = data.indexOf('"b"')
    expect(block.splice([{ start: at, end: at + 3, text: '"ä"' }]).toString()).toBe(raw.replace('"b"', '"ä"'))
    const comma = data.indexOf(',')
    expect(block.splice([{ start: comma, end: data.length - 1, text: '' }]).toString()).toBe(
      ': c\nevent: e\ndata: {"a":\r\ndata:"b"}\nid: 3\n\n',
    )
    expect(
      block
        .splice([
          { start: 0, end: 0, text: ' ' },
          { start: data.length, end: data.length, text: ' ' },
        ])
        .toString(),
    ).toBe(raw.replace('{"a"', ' {"a"').replace('1}', '1} '))
  })
})

describe('a stream whose events are rewritten', () => {
  const transform = () =>
    openStage(
      createEventStage((block) =>
        block.data.length === 0 ? block.bytes : Buffer.from(block.bytes.toString('utf8').replace('old', 'new')),
      ),
    )

  test('says what it would say whole, wherever it is cut, and the last event too when its blank line never comes', () => {
    const bytes = Buffer.from('\u{feff}data: old\r\n\r\n: old\n\ndata: €old\rid: 2\r\rdata: old')
    const expected = bytes.toString('utf8').replaceAll(/(data: |€)old/g, '$1new')
    for (let at = 0; at <= bytes.length; at++) {
      const stream = transform()
      const said = Buffer.concat([stream.push(bytes.subarray(0, at)), stream.push(bytes.subarray(at)), stream.end()])
      expect(said.toString('utf8')).toBe(expected)
    }
  })
})
