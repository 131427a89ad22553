/**
 * Counts that must be exact, also after a crash and on a full disk: kept in a small file of fixed size that is written
 * in place, which needs no space.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const names = [
  'unrecorded',
  'outcomesLost',
  'failedAuthentications',
  'refusedJournalFull',
  'refusedOverloaded',
] as const
export type CounterName = (typeof names)[number]

/**
 * `unrecorded`: answered without any record, by the setting `whenFull: forward`; `outcomesLost`: an intent whose
 * outcome could not be written; `failedAuthentications`: calls without a valid key; the last two: answered with 503.
 */
export interface Counters {
  add(name: CounterName): void
  readonly values: Readonly<Record<CounterName, number>>
  close(): void
}

const lineCharacters = 48

/** Opens the counts of this data folder. `null` = in memory only, for tests. */
export function openCounters(dataDir: string | null): Counters {
  const values = Object.fromEntries(names.map((name) => [name, 0])) as Record<CounterName, number>
  const descriptor = dataDir === null ? null : openFile(dataDir, values)
  return {
    values,
    add(name) {
      values[name]++
      if (descriptor === null) return
      try {
        writeSync(descriptor, toLine(name, values[name]), names.indexOf(name) * lineCharacters)
      } catch {
        // The count in memory stands; the next one is written with it.
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor)
    },
  }
}

function openFile(dataDir: string, values: Record<CounterName, number>): number | null {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'counters')
  try {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [name, count] = line.trim().split(/\s+/)
      if (names.includes(name as CounterName) && Number.isSafeInteger(Number(count)))
        values[name as CounterName] = Number(count)
    }
  } catch {
    // The first start of this data folder.
  }
  try {
    const descriptor = openSync(path, 'a+')
    closeSync(descriptor)
    const writable = openSync(path, 'r+')
    for (const [index, name] of names.entries()) writeSync(writable, toLine(name, values[name]), index * lineCharacters)
    return writable
  } catch {
    return null
  }
}

function toLine(name: CounterName, count: number): string {
  return `${`${name} ${count}`.padEnd(lineCharacters - 1)}\n`
}
