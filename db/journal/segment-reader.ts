/** Reads whole frames from one segment file after the other; it keeps the file it reads open. */
import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeFrame, toSegmentName, toSegmentNumber } from './format.ts'
import type { Position } from './position-file.ts'
import type { JournalEntry } from './records.ts'

const chunkBytes = 1024 * 1024

/** What was found between two places. */
export interface Frames {
  entries: { entry: JournalEntry; at: Position }[]
  /** Frames that are whole but unreadable: reported, set aside, never silently lost. */
  damaged: { at: Position; reason: string }[]
}

export class SegmentReader {
  readonly #directory: string
  #file: { segment: number; handle: FileHandle } | null = null

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Adds the frames behind `from` to `frames`, as far as the bounds go, and answers how many bytes it went on; 0 at the
   * segment's (present) end.
   */
  async read(from: Position, maxBytes: number, maxEntries: number, frames: Frames): Promise<number> {
    const handle = await this.#open(from.segment)
    let read = 0
    let want = chunkBytes
    while (frames.entries.length < maxEntries && read < maxBytes) {
      const at = { segment: from.segment, offset: from.offset + read }
      const bytes = Buffer.allocUnsafe(want)
      const { bytesRead } = await handle.read(bytes, 0, want, at.offset)
      const { used, needBytes } = takeFrames(bytes.subarray(0, bytesRead), at, maxEntries, frames)
      read += used
      if (used > 0) want = chunkBytes
      else if (bytesRead === want && needBytes > want) want = needBytes
      else break
    }
    return read
  }

  async close(): Promise<void> {
    await this.#file?.handle.close()
    this.#file = null
  }

  async #open(segment: number): Promise<FileHandle> {
    if (this.#file?.segment === segment) return this.#file.handle
    await this.close()
    const handle = await open(join(this.#directory, toSegmentName(segment)), 'r')
    this.#file = { segment, handle }
    return handle
  }
}

function takeFrames(
  chunk: Buffer,
  start: Position,
  maxEntries: number,
  frames: Frames,
): { used: number; needBytes: number } {
  let used = 0
  while (used < chunk.length && frames.entries.length < maxEntries) {
    const decoded = decodeFrame(chunk, used)
    if (decoded.state === 'incomplete') return { used, needBytes: decoded.needBytes }
    const at = { segment: start.segment, offset: start.offset + used }
    if (decoded.state === 'damaged') frames.damaged.push({ at, reason: decoded.reason })
    else frames.entries.push({ entry: decoded.entry, at })
    used = decoded.next
  }
  return { used, needBytes: 0 }
}

export async function listSegments(directory: string): Promise<number[]> {
  const numbers = (await readdir(directory)).map(toSegmentNumber).filter((number) => number !== null)
  return numbers.sort((a, b) => a - b)
}

export async function sizeOf(directory: string, segment: number): Promise<number> {
  return (await stat(join(directory, toSegmentName(segment)))).size
}
