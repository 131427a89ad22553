/** Reads who wrote a segment from its first frame: a shipper that starts in the middle of one has not seen that frame. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeFrame, toSegmentName } from '../../../db/journal/format.ts'
import type { Position } from '../../../db/journal/position-file.ts'
import type { Opened } from './fold.ts'

const maxHeaderBytes = 4_096
const maxDamageBytes = 1024 * 1024
/** Segments are read one after the other; a batch spans a few of them at most. */
const maxKept = 64

export interface SegmentHeaders {
  load(segment: number): Promise<void>
  /** `null` = not loaded, or damaged. */
  of(segment: number): Opened | null
  /** Names a place of the journal for people; its segment must be loaded. */
  nameOf(at: Position): string
}

export function createSegmentHeaders(directory: string): SegmentHeaders {
  const loaded = new Map<number, Opened | null>()
  const of = (segment: number): Opened | null => loaded.get(segment) ?? null
  return {
    load: async (segment) => {
      if (loaded.has(segment)) return
      if (loaded.size >= maxKept) loaded.clear()
      loaded.set(segment, await readHeader(directory, segment))
    },
    of,
    nameOf: ({ segment, offset }) => `${of(segment)?.journalId ?? directory}/${segment}:${offset}`,
  }
}

async function readHeader(directory: string, segment: number): Promise<Opened | null> {
  const decoded = decodeFrame(await readPiece(directory, { segment, offset: 0 }, maxHeaderBytes), 0)
  if (decoded.state !== 'entry' || decoded.entry.kind !== 'opened') return null
  return { journalId: decoded.entry.journal, writerId: decoded.entry.writer, at: decoded.entry.at }
}

/** The damaged bytes themselves, as far as the next whole frame where there is one. */
export function readDamage(directory: string, at: Position, until: number | undefined): Promise<Buffer> {
  return readPiece(directory, at, Math.min(maxDamageBytes, until === undefined ? maxDamageBytes : until - at.offset))
}

async function readPiece(directory: string, { segment, offset }: Position, maxBytes: number): Promise<Buffer> {
  const file = await open(join(directory, toSegmentName(segment)), 'r')
  try {
    const piece = Buffer.alloc(maxBytes)
    const { bytesRead } = await file.read(piece, 0, maxBytes, offset)
    return piece.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
