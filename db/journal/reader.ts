/**
 * The shipper's end of the journal: follows the segment files from another process, remembers how far it has come, and
 * drops the segments that are behind it.
 */
import { mkdirSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toSegmentName } from './format.ts'
import { loadPosition, savePosition, type Position } from './position-file.ts'
import { listSegments, SegmentReader, sizeOf, type Frames } from './segment-reader.ts'

export interface JournalBatch extends Frames {
  /** Where the next batch begins; pass it to `commit` once the entries are safe elsewhere. */
  next: Position
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

/** Starts after what was last committed, or at the first segment there is. The folder may still be empty. */
export function openJournalReader(directory: string): JournalReader {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return new JournalFollower(directory)
}

class JournalFollower implements JournalReader {
  readonly #directory: string
  readonly #segments: SegmentReader
  #committed: Position
  #position: Position

  constructor(directory: string) {
    this.#directory = directory
    this.#segments = new SegmentReader(directory)
    this.#committed = loadPosition(directory)
    this.#position = { ...this.#committed }
  }

  async readBatch(maxBytes: number, maxEntries: number): Promise<JournalBatch> {
    const batch: JournalBatch = { entries: [], next: this.#position, damaged: [], torn: [] }
    let bytesLeft = maxBytes
    while (bytesLeft > 0 && batch.entries.length < maxEntries) {
      const segments = await listSegments(this.#directory)
      const current = segments.find((segment) => segment >= this.#position.segment)
      if (current === undefined) break
      if (current > this.#position.segment) this.#position = { segment: current, offset: 0 }
      // Looked up before reading: what the writer wrote into this segment before it opened the next one is then surely
      // seen.
      const successor = segments.find((segment) => segment > current)
      const read = await this.#segments.read(this.#position, bytesLeft, maxEntries, batch)
      this.#position = { segment: current, offset: this.#position.offset + read }
      bytesLeft -= read
      if (read > 0) continue
      if (successor === undefined) break
      await this.#leaveSegment(successor, batch)
    }
    batch.next = { ...this.#position }
    return batch
  }

  async #leaveSegment(successor: number, batch: JournalBatch): Promise<void> {
    const { segment, offset } = this.#position
    const size = await sizeOf(this.#directory, segment)
    if (size > offset) batch.torn.push({ at: { segment, offset }, bytes: size - offset })
    this.#position = { segment: successor, offset: 0 }
  }

  async commit(next: Position): Promise<void> {
    if (next.segment === this.#committed.segment && next.offset === this.#committed.offset) return
    savePosition(this.#directory, next)
    this.#committed = { ...next }
    for (const segment of await listSegments(this.#directory)) {
      if (segment < next.segment) await rm(join(this.#directory, toSegmentName(segment)), { force: true })
    }
  }

  rewind(): void {
    this.#position = { ...this.#committed }
  }

  async depth(): Promise<{ bytes: number; oldestAt: number | null }> {
    let bytes = 0
    let oldestAt: number | null = null
    for (const segment of await listSegments(this.#directory)) {
      if (segment < this.#committed.segment) continue
      const { size, mtimeMs } = await stat(join(this.#directory, toSegmentName(segment)))
      const waiting = size - (segment === this.#committed.segment ? this.#committed.offset : 0)
      if (waiting <= 0) continue
      bytes += waiting
      oldestAt ??= mtimeMs
    }
    return { bytes, oldestAt }
  }

  close(): Promise<void> {
    return this.#segments.close()
  }
}
