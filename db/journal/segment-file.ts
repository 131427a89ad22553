/** One segment file of the journal's writer: its creation, and writing a group of frames into it. */
import { closeSync, fdatasync, openSync, readdirSync, rmSync, writeSync, writev, writevSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFrame, toSegmentName, toSegmentNumber } from './format.ts'

const maxWriteAtOnceBytes = 256 * 1024
/** IOV_MAX; longer groups go in several calls. */
const maxPartsAtOnce = 1024

export interface Segment {
  descriptor: number
  bytes: number
}

/**
 * Takes the next free number by exclusive creation, and writes a header that names the writer. The reader keeps the
 * last segment, so numbers never repeat.
 */
export function openSegment(directory: string, journal: string, writer: string): Segment {
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

/**
 * `writev` may write less than it was given; the rest follows until all of it is down. Into the page cache it is
 * written at once: the copy takes microseconds, a trip to the thread pool and back costs the processor several times
 * that. What waits for the disk itself, or is so large that the copy would be felt, goes to the pool.
 */
export function writeAll(
  descriptor: number,
  parts: Buffer[],
  durability: 'process' | 'fsync',
  done: (error: Error | null, written: number) => void,
): void {
  let total = 0
  const step = (rest: Buffer[]): void => {
    const next = rest.length > maxPartsAtOnce ? rest.slice(0, maxPartsAtOnce) : rest
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
