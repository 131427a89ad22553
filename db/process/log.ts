import { pino, type Logger } from 'pino'

export type Log = Logger

/**
 * One JSON line an event on stdout, which the supervisor prints with the process's name. Prompts, answers and keys are
 * never passed to it; errors go under `err`.
 */
export function createLog(name: string): Log {
  return pino({ name, base: { name }, level: 'info' })
}
