/** `npm run eval -- <what> <rows.jsonl>`: measures on rows of data; the last line printed is the result as JSON. */
import { runOutcomes } from '../../../workflows/test/eval/outcomes.ts'
import { runPatterns } from '../../../workflows/test/eval/patterns.ts'
import { runStatistics } from '../../../workflows/test/statistics/run.ts'
import { runWire } from './wire.ts'

const evaluations: Record<string, (path: string) => unknown> = {
  patterns: runPatterns,
  wire: runWire,
  outcomes: runOutcomes,
  statistics: runStatistics,
}
/** These bring rows of their own where none are named. */
const shipped: Record<string, () => unknown> = {
  outcomes: () => runOutcomes(),
  statistics: () => runStatistics(undefined),
}

const [what, path] = process.argv.slice(2)
const evaluation = what !== undefined && Object.hasOwn(evaluations, what) ? evaluations[what] : undefined
const own = what !== undefined && path === undefined && Object.hasOwn(shipped, what) ? shipped[what] : undefined
if (evaluation === undefined || (path === undefined && own === undefined)) {
  console.error(`usage: npm run eval -- <${Object.keys(evaluations).join('|')}> <rows.jsonl>`)
  process.exitCode = 1
} else {
  try {
    await (path === undefined ? own?.() : evaluation(path))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
