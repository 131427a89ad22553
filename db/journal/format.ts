/**
 * The bytes of a segment file: frames, one after the other.
 *
 *   u32 length of the payload · u32 its complement · u32 CRC-32 of the payload · payload
 *   payload: u8 kind · u32 length of the header · header (JSON, UTF-8) · u32 length of the first body · bodies
 *
 * Little endian. The complement tells a damaged length from a frame that is still being written; behind damage the next
 * whole frame is searched for, so that a flipped bit costs one record.
 */
import { crc32 } from 'node:zlib'
import type { Feedback, Intent, JournalEntry, Outcome } from './records.ts'

const frameHeaderBytes = 12
const payloadHeaderBytes = 9
/** Larger than the largest body that the gateway lets in, so a longer length can only be damage. */
export const maxPayloadBytes = 256 * 1024 * 1024
/** A kind's number is its place: new ones come last, so that what was written before still reads. */
const kinds = ['opened', 'intent', 'outcome', 'refused', 'feedback'] as const
const empty: Buffer = Buffer.alloc(0)

/** The frame of an entry as parts for `writev`: the bodies are not copied. */
export function encodeFrame(entry: JournalEntry): Buffer[] {
  switch (entry.kind) {
    case 'opened':
      return frame(0, { journal: entry.journal, writer: entry.writer, at: entry.at, pid: entry.pid }, empty, empty)
    case 'intent':
      // `sent` null means "as the caller sent it"; an empty body is told apart by the flag.
      return frame(1, { intent: entry.intent, changed: entry.sent !== null }, entry.request, entry.sent ?? empty)
    case 'outcome':
      return frame(2, { outcome: entry.outcome }, entry.response, empty)
    case 'refused':
      return frame(3, { intent: entry.intent, outcome: entry.outcome }, entry.request, entry.response)
    case 'feedback':
      return frame(4, { feedback: entry.feedback }, empty, empty)
  }
}

function frame(kind: number, header: object, first: Buffer, second: Buffer): Buffer[] {
  const json = JSON.stringify(header)
  const jsonBytes = Buffer.byteLength(json)
  const head = Buffer.allocUnsafe(frameHeaderBytes + payloadHeaderBytes + jsonBytes)
  const length = payloadHeaderBytes + jsonBytes + first.length + second.length
  head.writeUInt32LE(length, 0)
  head.writeUInt32LE(~length >>> 0, 4)
  head[frameHeaderBytes] = kind
  head.writeUInt32LE(jsonBytes, frameHeaderBytes + 1)
  head.write(json, frameHeaderBytes + 5, 'utf8')
  head.writeUInt32LE(first.length, frameHeaderBytes + 5 + jsonBytes)
  let checksum = crc32(head.subarray(frameHeaderBytes))
  if (first.length > 0) checksum = crc32(first, checksum)
  if (second.length > 0) checksum = crc32(second, checksum)
  head.writeUInt32LE(checksum, 8)
  const parts: Buffer[] = [head]
  if (first.length > 0) parts.push(first)
  if (second.length > 0) parts.push(second)
  return parts
}

/**
 * What stands at `offset`: a whole entry, `incomplete` (the file may still grow, or its tail is torn), or `damaged`
 * (reading goes on at `next`).
 */
export type Decoded =
  | { state: 'entry'; entry: JournalEntry; next: number }
  | { state: 'incomplete'; needBytes: number }
  | { state: 'damaged'; next: number; reason: string }

export function decodeFrame(bytes: Buffer, offset: number): Decoded {
  if (bytes.length - offset < frameHeaderBytes) return { state: 'incomplete', needBytes: frameHeaderBytes }
  const length = readLength(bytes, offset)
  if (length === null) return { state: 'damaged', next: findFrame(bytes, offset + 1), reason: 'its length is damaged' }
  const start = offset + frameHeaderBytes
  const end = start + length
  if (bytes.length < end) return { state: 'incomplete', needBytes: frameHeaderBytes + length }
  const payload = bytes.subarray(start, end)
  if (crc32(payload) !== bytes.readUInt32LE(offset + 8))
    return { state: 'damaged', next: end, reason: 'its checksum does not match' }
  try {
    return { state: 'entry', entry: decodePayload(payload), next: end }
  } catch (error) {
    return { state: 'damaged', next: end, reason: error instanceof Error ? error.message : String(error) }
  }
}

function readLength(bytes: Buffer, offset: number): number | null {
  const length = bytes.readUInt32LE(offset)
  const intact = bytes.readUInt32LE(offset + 4) === ~length >>> 0
  return intact && length >= payloadHeaderBytes && length <= maxPayloadBytes ? length : null
}

/** The first place from `offset` on where a frame may begin; the end of the bytes when there is none. */
function findFrame(bytes: Buffer, offset: number): number {
  for (let at = offset; at + frameHeaderBytes <= bytes.length; at++) if (readLength(bytes, at) !== null) return at
  return bytes.length
}

/** The members of every kind's header; each kind has its own of them. */
interface Header {
  intent: Intent
  outcome: Outcome
  feedback: Feedback
  changed?: boolean
  journal: string
  writer: string
  at: number
  pid: number
}

function decodePayload(payload: Buffer): JournalEntry {
  const kind = kinds[payload[0] ?? 255]
  const jsonEnd = 5 + payload.readUInt32LE(1)
  const header = JSON.parse(payload.toString('utf8', 5, jsonEnd)) as Header
  const firstEnd = jsonEnd + 4 + payload.readUInt32LE(jsonEnd)
  const first = payload.subarray(jsonEnd + 4, firstEnd)
  const second = payload.subarray(firstEnd)
  switch (kind) {
    case 'opened':
      return { kind, journal: header.journal, writer: header.writer, at: header.at, pid: header.pid }
    case 'intent':
      return { kind, intent: header.intent, request: first, sent: header.changed ? second : null }
    case 'outcome':
      return { kind, outcome: header.outcome, response: first }
    case 'refused':
      return { kind, intent: header.intent, outcome: header.outcome, request: first, response: second }
    case 'feedback':
      return { kind, feedback: header.feedback }
    default:
      throw new Error(`unknown kind ${payload[0]}`)
  }
}

const segmentName = /^(\d{12})\.segment$/

export function toSegmentName(number: number): string {
  return `${String(number).padStart(12, '0')}.segment`
}

export function toSegmentNumber(name: string): number | null {
  const match = segmentName.exec(name)
  return match ? Number(match[1]) : null
}
