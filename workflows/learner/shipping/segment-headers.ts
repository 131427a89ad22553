/** Who wrote a segment: its first frame says so, and a shipper that starts in the middle of one has not read that. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeFrame, toSegmentName } from '../../../db/journal/format.ts'
import type { Position } from '../../../db/journal/reader.ts'
import type { Opened } from './fold.ts'

const headerBytesMax = 4_096
const damageBytesMax = 1024 * 1024
/** Segments are read one after the other; a batch spans a few of them at most. */
const keptMax = 64

export interface SegmentHeaders {
  load(segment: number): Promise<void>
  /** `null` = not loaded, or damaged. */
  of(segment: number): Opened | null
}

export function createSegmentHeaders(directory: string): SegmentHeaders {
  const known = new Map<number, Opened | null>()
  return {
    load: async (segment) => {
      if (known.has(segment)) return
      if (known.size >= keptMax) known.clear()
      known.set(segment, await readHeader(directory, segment))
    },
    of: (segment) => known.get(segment) ?? null,
  }
}

async function readHeader(directory: string, segment: number): Promise<Opened | null> {
  const decoded = decodeFrame(await readPiece(directory, { segment, offset: 0 }, headerBytesMax), 0)
  if (decoded.state !== 'entry' || decoded.entry.kind !== 'opened') return null
  return { journalId: decoded.entry.journal, writerId: decoded.entry.writer, at: decoded.entry.at }
}

/** The damaged bytes themselves, as far as the next whole frame where there is one. */
export function readDamage(directory: string, at: Position, until: number | undefined): Promise<Buffer> {
  return readPiece(directory, at, Math.min(damageBytesMax, until === undefined ? damageBytesMax : until - at.offset))
}

async function readPiece(directory: string, { segment, offset }: Position, bytesMax: number): Promise<Buffer> {
  const file = await open(join(directory, toSegmentName(segment)), 'r')
  try {
    const piece = Buffer.alloc(bytesMax)
    const { bytesRead } = await file.read(piece, 0, bytesMax, offset)
    return piece.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
