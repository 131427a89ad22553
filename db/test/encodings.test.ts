/** Content encodings are undone the same way for requests, answers on their way, and records. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeContent, openContentDecoder, type Decoded } from '../journal/content-encoding.ts'

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(2_000)
const plain = Buffer.from(text)
const maxBytes = 1024 * 1024

const encoded: [name: string, header: string, bytes: Buffer][] = [
  ['gzip', 'gzip', gzipSync(plain)],
  ['gzip by its old name', 'X-GZIP', gzipSync(plain)],
  ['deflate in zlib’s format', 'deflate', deflateSync(plain)],
  ['bare deflate', 'deflate', deflateRawSync(plain)],
  ['brotli', 'br', brotliCompressSync(plain)],
  ['zstd', 'zstd', zstdCompressSync(plain)],
  ['gzip, then brotli', 'gzip, br', brotliCompressSync(gzipSync(plain))],
  ['zstd, deflate and gzip', 'zstd,deflate , gzip', gzipSync(deflateSync(zstdCompressSync(plain)))],
  ['identity beside gzip', 'identity, gzip', gzipSync(plain)],
  ['identity', 'identity', plain],
  ['none', '', plain],
]

const toText = (decoded: Decoded): string => ('bytes' in decoded ? decoded.bytes.toString('utf8') : decoded.problem)

describe('a whole body', () => {
  test.each(encoded)('of %s is decoded', (_name, header, bytes) => {
    expect(toText(decodeContent(bytes, header, maxBytes))).toBe(text)
  })

  test('whose header came several times is decoded as one list', () => {
    expect(toText(decodeContent(brotliCompressSync(gzipSync(plain)), ['gzip', 'br'], maxBytes))).toBe(text)
  })

  test.each(encoded.slice(0, 8))(
    'of %s that was cut is damaged, or read as far as it came where that is asked for',
    (_name, header, bytes) => {
      const cut = bytes.subarray(0, Math.floor(bytes.length * 0.6))
      expect(decodeContent(cut, header, maxBytes)).toMatchObject({ problem: 'damaged' })
      const read = decodeContent(cut, header, maxBytes, { cut: true })
      expect('bytes' in read && text.startsWith(read.bytes.toString('utf8'))).toBe(true)
    },
  )

  test.each(encoded.slice(0, 8))('of %s that unpacks to more than the bound is too big', (_name, header, bytes) => {
    expect(decodeContent(bytes, header, 1_000)).toMatchObject({ problem: 'too_big' })
  })

  test('that is not compressed is bounded too', () => {
    expect(decodeContent(plain, null, 10)).toEqual({ problem: 'too_big', encoding: 'identity' })
  })

  test.each(['compress', 'gzip, nonsense', '__proto__', 'gzip, br, gzip, br'])(
    'of an encoding that is not known (%s) is not called damaged',
    (header) => expect(decodeContent(plain, header, maxBytes)).toMatchObject({ problem: 'unknown' }),
  )

  test.each(['gzip', 'deflate', 'br', 'zstd'])('that is no %s is damaged', (header) => {
    expect(decodeContent(Buffer.from('{"a":1}'), header, maxBytes)).toEqual({ problem: 'damaged', encoding: header })
  })

  test('that is empty stays empty, whatever its header names', () => {
    expect(decodeContent(Buffer.alloc(0), 'gzip', maxBytes)).toEqual({ bytes: Buffer.alloc(0) })
  })
})

describe('a body that comes in pieces', () => {
  async function decodeInPieces(header: string, bytes: Buffer, size: number, limit = maxBytes): Promise<string> {
    const decoder = openContentDecoder(header, limit)
    if ('problem' in decoder) return decoder.problem
    let whole = ''
    for (let at = 0; at < bytes.length; at += size) {
      const decoded = await new Promise<Decoded>((resolve) => decoder.push(bytes.subarray(at, at + size), resolve))
      if ('problem' in decoded) return decoded.problem
      whole += decoded.bytes.toString('utf8')
    }
    decoder.close()
    return whole
  }

  test.each(encoded)('of %s is decoded wherever it is split', async (_name, header, bytes) => {
    expect(await decodeInPieces(header, bytes, 1)).toBe(text)
    expect(await decodeInPieces(header, bytes, 97)).toBe(text)
    expect(await decodeInPieces(header, bytes, bytes.length)).toBe(text)
  })

  test.each(['gzip', 'deflate', 'br', 'zstd'])('that is no %s is damaged', async (header) => {
    expect(await decodeInPieces(header, Buffer.from('{"a":1, "b": [1, 2, 3]}'), 100)).toBe('damaged')
  })

  test('that unpacks to more than the bound is too big', async () => {
    expect(await decodeInPieces('gzip', gzipSync(plain), 64, 1_000)).toBe('too_big')
    expect(await decodeInPieces('br, gzip', gzipSync(brotliCompressSync(plain)), 64, 1_000)).toBe('too_big')
  })

  test('of an encoding that is not known is told apart', async () => {
    expect(await decodeInPieces('compress', plain, 64)).toBe('unknown')
  })
})
