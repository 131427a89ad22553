/**
 * SHA-256 (FIPS 180-4) of short texts. The workflow sandbox and the browser have no node:crypto, and what decides live
 * traffic must run in both; for the hundred bytes of an assignment it is as fast. Pure; equal to node:crypto byte for
 * byte.
 */

const roundConstants = Int32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)))
const initialState = Int32Array.from(primes(8), (prime) => fractionBits(Math.sqrt(prime)))
/** Shared by all calls: nothing here waits, so no two of them run at once. */
const words = new Int32Array(64)

/** The first 8 bytes as two unsigned 32-bit numbers, the digest's beginning first. */
export function sha256Head(text: string): [number, number] {
  const state = digest(toUtf8(text))
  return [(state[0] as number) >>> 0, (state[1] as number) >>> 0]
}

/** The whole digest, 64 hex digits. */
export function sha256Hex(text: string): string {
  let hex = ''
  for (const word of digest(toUtf8(text))) hex += (word >>> 0).toString(16).padStart(8, '0')
  return hex
}

function digest(bytes: Uint8Array): Int32Array {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000))
  view.setUint32(padded.length - 4, bytes.length << 3)
  const state = initialState.slice()
  for (let at = 0; at < padded.length; at += 64) compress(state, view, at)
  return state
}

function compress(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
  for (let i = 16; i < 64; i++) {
    const early = words[i - 15] as number
    const late = words[i - 2] as number
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    words[i] = ((words[i - 16] as number) + sigma0 + (words[i - 7] as number) + sigma1) | 0
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const t1 = (h + sum1 + choice + (roundConstants[i] as number) + (words[i] as number)) | 0
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + sum0 + majority) | 0
  }
  const next = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (next[i] as number)
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

/** As TextEncoder does it: half of a pair alone becomes U+FFFD. */
function toUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const sign of text) {
    const unit = sign.codePointAt(0) as number
    const code = unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
  }
  return Uint8Array.from(bytes)
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}

/** The standard takes its constants from the first 32 bits of a root's fraction. */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x100000000) | 0
}
