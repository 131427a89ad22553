/**
 * The gateway's end of the journal: append-only segment files with group commit. One write is in flight; what arrives
 * meanwhile goes into the next; its end wakes all who wait. A written frame survives SIGKILL of the process (page
 * cache); `fsync` adds power loss.
 */
import { chmodSync, close, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { Ballast } from './ballast.ts'
import { encodeFrame } from './format.ts'
import type { JournalEntry } from './records.ts'
import { openSegment, writeAll, type Segment } from './segment-file.ts'

export interface JournalOptions {
  directory: string
  durability: 'process' | 'fsync'
  segmentBytes?: number
  /** Space kept back for exchanges already under way. */
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

const defaultSegmentBytes = 32 * 1024 * 1024
const defaultBallastBytes = 8 * 1024 * 1024
const spaceErrors = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'])
const retrySpaceMs = 250

type Done = (error: Error | null) => void

interface Waiting {
  parts: Buffer[]
  done: Done
}

/**
 * Opens a fresh segment: a torn tail of an earlier process is never appended to. Throws when the folder cannot be
 * written.
 */
export function openJournalWriter(options: JournalOptions): JournalWriter {
  const { directory } = options
  // It holds prompts and answers as they came: nobody else on this machine is to read them.
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  return new GroupCommitWriter(options, loadOrCreateIdentity(directory))
}

class GroupCommitWriter implements JournalWriter {
  readonly #directory: string
  readonly #durability: JournalOptions['durability']
  readonly #segmentBytes: number
  readonly #onProblem: (message: string, error: unknown) => void
  readonly #journal: string
  readonly #writer = randomUUID()
  readonly #ballast: Ballast
  #queue: Waiting[] = []
  #writing = false
  #full = false
  #pendingBytes = 0
  #onClosed: (() => void) | null = null
  #spaceTimer: NodeJS.Timeout | null = null
  #segment: Segment | null

  constructor(options: JournalOptions, journal: string) {
    this.#directory = options.directory
    this.#durability = options.durability
    this.#segmentBytes = options.segmentBytes ?? defaultSegmentBytes
    this.#onProblem = options.onProblem ?? (() => {})
    this.#journal = journal
    this.#ballast = new Ballast(options.directory, options.ballastBytes ?? defaultBallastBytes)
    this.#segment = openSegment(this.#directory, journal, this.#writer)
    this.#layBallast()
  }

  get full(): boolean {
    return this.#full
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  append(entry: JournalEntry, done: Done): void {
    let parts: Buffer[]
    try {
      parts = encodeFrame(entry)
    } catch (error) {
      done(error as Error)
      return
    }
    for (const part of parts) this.#pendingBytes += part.length
    this.#queue.push({ parts, done })
    if (this.#writing) return
    if (this.#durability === 'fsync') return this.#flush()
    // Everything of this turn of the event loop goes into one write.
    this.#writing = true
    setImmediate(this.#flush)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#onClosed = resolve
      if (!this.#writing) this.#flush()
    })
  }

  /** Bound once: it is handed to `setImmediate` for every group. */
  readonly #flush = (): void => {
    if (this.#queue.length === 0) {
      if (this.#onClosed) this.#closeSegment(this.#onClosed)
      return
    }
    this.#writing = true
    const group = this.#queue
    this.#queue = []
    this.#pendingBytes = 0
    const parts = group.length === 1 ? (group[0] as Waiting).parts : group.flatMap((waiting) => waiting.parts)
    this.#write(parts, (error) => {
      for (const waiting of group) waiting.done(error)
      // Never from within: what was waited for may append again and again.
      if (this.#queue.length > 0 && this.#durability === 'process') return void setImmediate(this.#flush)
      this.#writing = false
      this.#flush()
    })
  }

  /** A write that found no space is tried once more, in a new segment and with the ballast's space. */
  #write(parts: Buffer[], done: Done, retried = false): void {
    let segment: Segment
    try {
      segment = this.#segment ??= openSegment(this.#directory, this.#journal, this.#writer)
    } catch (error) {
      if (retried || !isSpaceError(error)) return done(error as Error)
      this.#reportFull(error)
      return this.#writeIntoBallast(parts, done)
    }
    writeAll(segment.descriptor, parts, this.#durability, (error, written) => {
      if (error) return this.#giveUpSegment(segment, error, parts, done, retried)
      segment.bytes += written
      if (segment.bytes >= this.#segmentBytes) this.#leave(segment)
      done(null)
    })
  }

  /** A frame may be cut in the middle of this segment now: it stays as a torn tail, and a new segment goes on. */
  #giveUpSegment(segment: Segment, error: Error, parts: Buffer[], done: Done, retried: boolean): void {
    this.#leave(segment)
    if (isSpaceError(error)) this.#reportFull(error)
    else this.#onProblem('the journal could not be written', error)
    if (retried || !isSpaceError(error)) return done(error)
    this.#writeIntoBallast(parts, done)
  }

  #writeIntoBallast(parts: Buffer[], done: Done): void {
    this.#ballast.drop()
    this.#write(parts, done, true)
  }

  #leave(segment: Segment): void {
    close(segment.descriptor, () => {})
    this.#segment = null
  }

  #reportFull(error: unknown): void {
    if (!this.#full) this.#onProblem('the journal is full; new exchanges are refused until there is space', error)
    this.#full = true
    this.#spaceTimer ??= setInterval(() => this.#retrySpace(), retrySpaceMs).unref()
  }

  #layBallast(): boolean {
    try {
      this.#ballast.lay()
      return true
    } catch (error) {
      this.#reportFull(error)
      return false
    }
  }

  #retrySpace(): void {
    try {
      if (!this.#ballast.fits() || !this.#layBallast()) return
    } catch {
      return
    }
    this.#full = false
    this.#stopLooking()
    this.#onProblem('the journal has space again', null)
  }

  #closeSegment(done: () => void): void {
    this.#onClosed = null
    this.#stopLooking()
    if (this.#segment === null) return done()
    close(this.#segment.descriptor, () => done())
    this.#segment = null
  }

  #stopLooking(): void {
    if (this.#spaceTimer) clearInterval(this.#spaceTimer)
    this.#spaceTimer = null
  }
}

/** The folder's name for good: rows in PostgreSQL that still wait for an outcome belong to one journal. */
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
