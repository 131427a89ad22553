/** The digests that units are dealt by: what decides live traffic and what checks it later take the same one. */
// oxlint-disable-next-line no-restricted-imports -- a digest is pure, and Node has one
import { hash } from 'node:crypto'

/** The first 8 bytes as two unsigned 32-bit numbers, the digest's beginning first. */
export function sha256Head(text: string): [number, number] {
  const digest = hash('sha256', text, 'buffer')
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)]
}

/** The whole digest, 64 hex digits. */
export function sha256Hex(text: string): string {
  return hash('sha256', text)
}
