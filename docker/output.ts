/**
 * The supervisor's voice: one line per event, `HH:MM:SS name  message`. Writing never waits: when whoever reads our output
 * stops reading, lines are dropped and counted, because a full pipe must not hold up the processes behind it.
 */
import { write } from 'node:fs'

export type Report = (name: string, message: string) => void

export interface Output {
  /** A line of the supervisor's own, as it is. */
  print(line: string): void
  /** A line about one process, with the time and its name. */
  report: Report
  /** Resolves when everything was written, or after `limitMs`. */
  flush(limitMs: number): Promise<void>
}

const queuedLinesMax = 10_000
const lineCharactersMax = 4000
const nameWidth = 10

export function createOutput(fd = 1, now: () => Date = () => new Date()): Output {
  const queue: string[] = []
  let dropped = 0
  let writing = false
  let drained: (() => void) | null = null

  const pump = (): void => {
    if (writing) return
    if (queue.length === 0) return void drained?.()
    writing = true
    const text = queue.splice(0).join('')
    writeAll(fd, Buffer.from(text), () => {
      writing = false
      if (dropped > 0) queue.push(`… ${dropped} lines were dropped, because nobody read them\n`)
      dropped = 0
      pump()
    })
  }
  const print = (line: string): void => {
    if (queue.length >= queuedLinesMax) dropped += 1
    else queue.push(`${line}\n`)
    pump()
  }
  return {
    print,
    report: (name, message) => print(`${now().toTimeString().slice(0, 8)} ${name.padEnd(nameWidth)}  ${message.slice(0, lineCharactersMax)}`),
    flush: (limitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, limitMs)
        drained = () => {
          clearTimeout(timer)
          resolve()
        }
        pump()
      }),
  }
}

/** Writes the whole buffer; a reader that has gone away is not an error of ours. */
function writeAll(fd: number, rest: Buffer, done: () => void): void {
  if (rest.length === 0) return done()
  write(fd, rest, (error, written) => {
    if (error?.code === 'EAGAIN') return void setTimeout(() => writeAll(fd, rest, done), 20)
    if (error) return done()
    writeAll(fd, rest.subarray(written), done)
  })
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
