/**
 * The supervisor's voice: one line per event, `HH:MM:SS name  message`. Writing never waits: when whoever reads our
 * output stops reading, lines are dropped and counted, because a full pipe must not hold up the processes behind it.
 */
import type { Writable } from 'node:stream'

export type Report = (name: string, message: string) => void

export interface Output {
  /** A line of the supervisor's own, as it is. */
  print(line: string): void
  /** A line about one process, with the time and its name. */
  report: Report
  /** Resolves when everything was written, or after `limitMs`. */
  flush(limitMs: number): Promise<void>
}

const queuedBytesMax = 1_000_000
const lineCharactersMax = 4000
const nameWidth = 10

export function createOutput(stream: Writable = process.stdout, now: () => Date = () => new Date()): Output {
  let dropped = 0
  // A reader that has gone away is not an error of ours: the work goes on.
  stream.on('error', () => undefined)
  const print = (line: string): void => {
    if (stream.writableLength > queuedBytesMax) {
      dropped += 1
      return
    }
    if (dropped > 0) stream.write(`… ${dropped} lines were dropped, because nobody read them\n`)
    dropped = 0
    stream.write(`${line}\n`)
  }
  return {
    print,
    report: (name, message) =>
      print(`${now().toTimeString().slice(0, 8)} ${name.padEnd(nameWidth)}  ${message.slice(0, lineCharactersMax)}`),
    flush: (limitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, limitMs)
        stream.write('', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}

/** Fields of a pino line that the printed line already says, or that nobody reads. */
const silentFields = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err', 'v'])

/** A child's line for people: pino's JSON becomes `message key=value`, anything else stays as it is. */
export function toReadable(line: string): string {
  if (!line.startsWith('{')) return line
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  if (typeof entry.level !== 'number') return line
  const parts = [`${entry.level >= 50 ? 'error: ' : entry.level >= 40 ? 'warning: ' : ''}${String(entry.msg ?? '')}`]
  for (const [key, value] of Object.entries(entry)) if (!silentFields.has(key)) parts.push(`${key}=${toText(value)}`)
  const error = entry.err as { message?: unknown } | undefined
  if (error !== undefined) parts.push(`err=${toText(error.message ?? error)}`)
  return parts.filter(Boolean).join(' ')
}

function toText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[\s"]/.test(text) ? JSON.stringify(text) : text
}
