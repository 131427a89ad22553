/**
 * The shipper's end of the journal: follows the segment files from another process, remembers how far it has come, and
 * drops the segments that are behind it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeFrame, toSegmentName, toSegmentNumber } from './format.ts'
import type { JournalEntry } from './records.ts'

/** Everything before it is in PostgreSQL. */
export interface Position {
  segment: number
  offset: number
}

export interface JournalBatch {
  entries: { entry: JournalEntry; at: Position }[]
  /** Where the next batch begins; pass it to `commit` once the entries are safe elsewhere. */
  next: Position
  /** Frames that are whole but unreadable: reported, set aside, never silently lost. */
  damaged: { at: Position; reason: string }[]
  /** Ends of segments that were being written when their writer died: nobody was told that they are safe. */
  torn: { at: Position; bytes: number }[]
}

export interface JournalReader {
  /** The entries that follow, at most about `maxBytes` of them; an empty batch when there is nothing new. */
  readBatch(maxBytes: number, maxEntries: number): Promise<JournalBatch>
  /** Remembers `position` and drops the segments before it. */
  commit(position: Position): Promise<void>
  /** Goes back to the last committed position, after a batch could not be stored. */
  rewind(): void
  /**
   * Bytes that are written and not committed, and the oldest such segment's last write in ms since 1970 (`null`: none).
   */
  depth(): Promise<{ bytes: number; oldestAt: number | null }>
  close(): Promise<void>
}

const positionFile = 'position.json'
const chunkBytes = 1024 * 1024

/** Starts after what was last committed, or at the first segment there is. The folder may still be empty. */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function openJournalReader(directory: string): JournalReader {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  let committed = loadPosition(directory)
  let position = { ...committed }
  let file: { segment: number; handle: FileHandle } | null = null

  async function readBatch(maxBytes: number, maxEntries: number): Promise<JournalBatch> {
    const batch: JournalBatch = { entries: [], next: position, damaged: [], torn: [] }
    let bytesLeft = maxBytes
    while (bytesLeft > 0 && batch.entries.length < maxEntries) {
      const segments = await listSegments(directory)
      const current = segments.find((segment) => segment >= position.segment)
      if (current === undefined) break
      if (current > position.segment) position = { segment: current, offset: 0 }
      // Looked up before reading: what the writer wrote into this segment before it opened the next one is then surely
      // seen.
      const successor = segments.find((segment) => segment > current)
      const read = await readSegment(current, bytesLeft, maxEntries, batch)
      bytesLeft -= read
      if (read > 0) continue
      if (successor === undefined) break
      const size = await sizeOf(current)
      if (size > position.offset) batch.torn.push({ at: { ...position }, bytes: size - position.offset })
      position = { segment: successor, offset: 0 }
    }
    batch.next = { ...position }
    return batch
  }

  /** Reads whole frames from the segment; answers how many bytes it went on, 0 at its (present) end. */
  async function readSegment(
    segment: number,
    maxBytes: number,
    maxEntries: number,
    batch: JournalBatch,
  ): Promise<number> {
    const handle = await openSegment(segment)
    const started = position.offset
    let want = chunkBytes
    while (batch.entries.length < maxEntries && position.offset - started < maxBytes) {
      const bytes = Buffer.allocUnsafe(want)
      const { bytesRead } = await handle.read(bytes, 0, want, position.offset)
      const { used, needBytes } = takeFrames(bytes.subarray(0, bytesRead), segment, maxEntries, batch)
      position.offset += used
      if (used > 0) want = chunkBytes
      else if (bytesRead === want && needBytes > want) want = needBytes
      else break
    }
    return position.offset - started
  }

  function takeFrames(
    chunk: Buffer,
    segment: number,
    maxEntries: number,
    batch: JournalBatch,
  ): { used: number; needBytes: number } {
    let used = 0
    while (used < chunk.length && batch.entries.length < maxEntries) {
      const decoded = decodeFrame(chunk, used)
      if (decoded.state === 'incomplete') return { used, needBytes: decoded.needBytes }
      const at = { segment, offset: position.offset + used }
      if (decoded.state === 'damaged') batch.damaged.push({ at, reason: decoded.reason })
      else batch.entries.push({ entry: decoded.entry, at })
      used = decoded.next
    }
    return { used, needBytes: 0 }
  }

  async function openSegment(segment: number): Promise<FileHandle> {
    if (file?.segment === segment) return file.handle
    await file?.handle.close()
    file = null
    file = { segment, handle: await open(join(directory, toSegmentName(segment)), 'r') }
    return file.handle
  }

  async function sizeOf(segment: number): Promise<number> {
    return (await stat(join(directory, toSegmentName(segment)))).size
  }

  async function commit(next: Position): Promise<void> {
    if (next.segment === committed.segment && next.offset === committed.offset) return
    const temporary = join(directory, `${positionFile}.new`)
    writeFileSync(temporary, JSON.stringify(next))
    renameSync(temporary, join(directory, positionFile))
    committed = { ...next }
    for (const segment of await listSegments(directory)) {
      if (segment < next.segment) await rm(join(directory, toSegmentName(segment)), { force: true })
    }
  }

  async function depth(): Promise<{ bytes: number; oldestAt: number | null }> {
    let bytes = 0
    let oldestAt: number | null = null
    for (const segment of await listSegments(directory)) {
      if (segment < committed.segment) continue
      const { size, mtimeMs } = await stat(join(directory, toSegmentName(segment)))
      const waiting = size - (segment === committed.segment ? committed.offset : 0)
      if (waiting <= 0) continue
      bytes += waiting
      oldestAt ??= mtimeMs
    }
    return { bytes, oldestAt }
  }

  return {
    readBatch,
    commit,
    rewind: () => {
      position = { ...committed }
    },
    depth,
    close: async () => {
      await file?.handle.close()
      file = null
    },
  }
}

async function listSegments(directory: string): Promise<number[]> {
  const numbers = (await readdir(directory)).map(toSegmentNumber).filter((number) => number !== null)
  return numbers.sort((a, b) => a - b)
}

function loadPosition(directory: string): Position {
  try {
    const { segment, offset } = JSON.parse(readFileSync(join(directory, positionFile), 'utf8')) as Position
    if (Number.isInteger(segment) && Number.isInteger(offset)) return { segment, offset }
  } catch {
    // No position yet, or one that cannot be read: shipping again from the start is harmless, every write is
    // idempotent.
  }
  return { segment: 0, offset: 0 }
}
