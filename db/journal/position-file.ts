/** How far a reader of the journal has come, kept in a file beside the segments. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything before it is in PostgreSQL. */
export interface Position {
  segment: number
  offset: number
}

const positionFile = 'position.json'

export function loadPosition(directory: string): Position {
  try {
    const { segment, offset } = JSON.parse(readFileSync(join(directory, positionFile), 'utf8')) as Position
    if (Number.isInteger(segment) && Number.isInteger(offset)) return { segment, offset }
  } catch {
    // No position yet, or one that cannot be read: shipping again from the start is harmless, every write is
    // idempotent.
  }
  return { segment: 0, offset: 0 }
}

/** Under another name first: a reader that is killed here finds the old position or the new one, never a half. */
export function savePosition(directory: string, position: Position): void {
  const temporary = join(directory, `${positionFile}.new`)
  writeFileSync(temporary, JSON.stringify(position))
  renameSync(temporary, join(directory, positionFile))
}
