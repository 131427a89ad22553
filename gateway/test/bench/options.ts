/** The bench's own options; they configure no part of the product. */
import { parseArgs } from 'node:util'

export interface Options {
  rounds: number
  seconds: number
  json: boolean
  /** The command that starts the gateway in Sinew's place; empty = Sinew's own start. */
  start: string
}

export const usage = `npm run bench -- [--rounds 1-20] [--seconds 1-60] [--json] [--start "command"]
  --rounds   interleaved rounds, the median counts (3)
  --seconds  length of each measurement; each contender has three in a round (4)
  --json     the figures as one JSON object on stdout
  --start    start another gateway in Sinew's place; it gets the same environment (PORT, SINEW_CONFIG, …) and prints "sinew ready"`

/** Throws with the usage when an option is wrong. */
export function parseOptions(args: readonly string[]): Options {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '4' },
        json: { type: 'boolean', default: false },
        start: { type: 'string', default: '' },
      },
    }).values
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
  return {
    rounds: parseWhole('--rounds', values.rounds, 20),
    seconds: parseWhole('--seconds', values.seconds, 60),
    json: values.json,
    start: values.start,
  }
}

function parseWhole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Error(`${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}\n${usage}`)
  return value
}
