/**
 * The gateway's end of the journal: append-only segment files with group commit. One write is in flight; what arrives
 * meanwhile goes into the next; its end wakes all who wait. A written frame survives SIGKILL of the process (page
 * cache); `fsync` adds power loss.
 */
import {
  chmodSync,
  close,
  closeSync,
  fdatasync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
  writev,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { encodeFrame, toSegmentName, toSegmentNumber } from './format.ts'
import type { JournalEntry } from './records.ts'

export interface JournalOptions {
  directory: string
  durability: 'process' | 'fsync'
  segmentBytes?: number
  /**
   * Space kept back in a file of its own and given up when the disk is full, so that exchanges already under way can
   * still write their outcomes.
   */
  ballastBytes?: number
  onProblem?: (message: string, error: unknown) => void
}

export interface JournalWriter {
  /** Calls back once the entry is safe, or with an error when it could not be written. Never throws. */
  append(entry: JournalEntry, done: (error: Error | null) => void): void
  /** The disk refused a write; until there is space again new exchanges are to be refused. */
  readonly full: boolean
  /** Bytes that wait for the write in flight. */
  readonly pendingBytes: number
  /** Writes what waits and closes the segment. */
  close(): Promise<void>
}

const ballastName = 'ballast'
const spaceErrors = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'])
const retrySpaceMs = 250
const maxWriteAtOnceBytes = 256 * 1024

interface Waiting {
  parts: Buffer[]
  done: (error: Error | null) => void
}

/**
 * Opens a fresh segment: a torn tail of an earlier process is never appended to. Throws when the folder cannot be
 * written.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function openJournalWriter(options: JournalOptions): JournalWriter {
  const {
    directory,
    durability,
    segmentBytes = 32 * 1024 * 1024,
    ballastBytes = 8 * 1024 * 1024,
    onProblem = () => {},
  } = options
  // It holds prompts and answers as they came: nobody else on this machine is to read them.
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const journal = loadOrCreateIdentity(directory)
  const writer = randomUUID()
  let queue: Waiting[] = []
  let writing = false
  let full = false
  let pendingBytes = 0
  let closed: (() => void) | null = null
  let spaceTimer: NodeJS.Timeout | null = null
  let segment: Segment | null = openSegment(directory, journal, writer)
  layBallast()

  function append(entry: JournalEntry, done: (error: Error | null) => void): void {
    let parts: Buffer[]
    try {
      parts = encodeFrame(entry)
    } catch (error) {
      done(error as Error)
      return
    }
    for (const part of parts) pendingBytes += part.length
    queue.push({ parts, done })
    if (writing) return
    if (durability === 'fsync') return flush()
    // Everything of this turn of the event loop goes into one write.
    writing = true
    setImmediate(flush)
  }

  function flush(): void {
    if (queue.length === 0) {
      if (closed) closeSegment(closed)
      return
    }
    writing = true
    const group = queue
    queue = []
    pendingBytes = 0
    const parts = group.length === 1 ? (group[0] as Waiting).parts : group.flatMap((waiting) => waiting.parts)
    write(parts, (error) => {
      for (const waiting of group) waiting.done(error)
      // Never from within: what was waited for may append again and again.
      if (queue.length > 0 && durability === 'process') return void setImmediate(flush)
      writing = false
      flush()
    })
  }

  function write(parts: Buffer[], done: (error: Error | null) => void, retried = false): void {
    if (segment === null) {
      try {
        segment = openSegment(directory, journal, writer)
      } catch (error) {
        if (!retried && isSpaceError(error)) return (reportFull(error), dropBallast(), write(parts, done, true))
        return done(error as Error)
      }
    }
    const target = segment
    writeAll(target.descriptor, parts, durability, (error, written) => {
      if (error) {
        // A frame may be cut in the middle of this segment now: leave it as a torn tail and go on in a new one.
        close(target.descriptor, () => {})
        segment = null
        if (!isSpaceError(error)) onProblem('the journal could not be written', error)
        else reportFull(error)
        if (!retried && isSpaceError(error)) return (dropBallast(), write(parts, done, true))
        return done(error)
      }
      target.bytes += written
      if (target.bytes >= segmentBytes) {
        close(target.descriptor, () => {})
        segment = null
      }
      done(null)
    })
  }

  function reportFull(error: unknown): void {
    if (!full) onProblem('the journal is full; new exchanges are refused until there is space', error)
    full = true
    spaceTimer ??= setInterval(retrySpace, retrySpaceMs).unref()
  }

  function dropBallast(): void {
    rmSync(join(directory, ballastName), { force: true })
  }

  function layBallast(): boolean {
    const path = join(directory, ballastName)
    let descriptor: number | null = null
    try {
      descriptor = openSync(path, 'w')
      const block = Buffer.alloc(Math.min(ballastBytes, 1024 * 1024))
      for (let laid = 0; laid < ballastBytes; laid += block.length) writeSync(descriptor, block)
      return true
    } catch (error) {
      rmSync(path, { force: true })
      reportFull(error)
      return false
    } finally {
      if (descriptor !== null) closeSync(descriptor)
    }
  }

  /** Space is back when the ballast can be laid again and as much is free beyond it. */
  function retrySpace(): void {
    try {
      const { bavail, bsize } = statfsSync(directory)
      if (bavail * bsize < 2 * ballastBytes || !layBallast()) return
    } catch {
      return
    }
    full = false
    if (spaceTimer) clearInterval(spaceTimer)
    spaceTimer = null
    onProblem('the journal has space again', null)
  }

  function closeSegment(done: () => void): void {
    closed = null
    if (spaceTimer) clearInterval(spaceTimer)
    if (segment === null) return done()
    close(segment.descriptor, () => done())
    segment = null
  }

  return {
    append,
    get full() {
      return full
    },
    get pendingBytes() {
      return pendingBytes
    },
    close: () =>
      new Promise<void>((resolve) => {
        closed = resolve
        if (!writing) flush()
      }),
  }
}

interface Segment {
  descriptor: number
  bytes: number
}

/**
 * The next free number, taken by exclusive creation and headed by who writes it. The reader keeps the last segment, so
 * numbers never repeat.
 */
function openSegment(directory: string, journal: string, writer: string): Segment {
  const numbers = readdirSync(directory)
    .map(toSegmentNumber)
    .filter((number) => number !== null)
  for (let number = Math.max(0, ...numbers) + 1; ; number++) {
    const path = join(directory, toSegmentName(number))
    let descriptor: number
    try {
      descriptor = openSync(path, 'ax', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    try {
      const header = Buffer.concat(encodeFrame({ kind: 'opened', journal, writer, at: Date.now(), pid: process.pid }))
      if (writeSync(descriptor, header) < header.length)
        throw Object.assign(new Error('no space for a segment header'), { code: 'ENOSPC' })
      return { descriptor, bytes: header.length }
    } catch (error) {
      closeSync(descriptor)
      rmSync(path, { force: true })
      throw error
    }
  }
}

/** Names the folder for good: rows in PostgreSQL that still wait for an outcome belong to one journal. */
function loadOrCreateIdentity(directory: string): string {
  const path = join(directory, 'identity')
  try {
    writeFileSync(path, randomUUID(), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}

function isSpaceError(error: unknown): boolean {
  return spaceErrors.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * `writev` may write less than it was given; the rest follows until all of it is down. Into the page cache it is
 * written at once: the copy takes microseconds, a trip to the thread pool and back costs the processor several times
 * that. What waits for the disk itself, or is so large that the copy would be felt, goes to the pool.
 */
function writeAll(
  descriptor: number,
  parts: Buffer[],
  durability: 'process' | 'fsync',
  done: (error: Error | null, written: number) => void,
): void {
  let total = 0
  const step = (rest: Buffer[]): void => {
    // IOV_MAX is 1024; longer groups go in several calls.
    const next = rest.length > 1024 ? rest.slice(0, 1024) : rest
    const after = (error: Error | null, written: number): void => {
      if (error) return done(error, total)
      total += written
      const left = skip(rest, written)
      if (left.length > 0) return step(left)
      if (durability === 'process') return done(null, total)
      fdatasync(descriptor, (syncError) => done(syncError, total))
    }
    if (durability === 'fsync' || next.reduce((bytes, part) => bytes + part.length, 0) > maxWriteAtOnceBytes)
      return writev(descriptor, next, after)
    let written: number
    try {
      written = writevSync(descriptor, next)
    } catch (error) {
      return after(error as Error, 0)
    }
    after(null, written)
  }
  step(parts)
}

function skip(parts: Buffer[], bytes: number): Buffer[] {
  let left = bytes
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as Buffer
    if (left < part.length) return [part.subarray(left), ...parts.slice(index + 1)]
    left -= part.length
  }
  return []
}
