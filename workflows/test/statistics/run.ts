/** `npm run eval -- statistics [share]`: every figure of the statistics; the last line is the result as JSON. */
import { formatFigure, holds, toError, toShare, type Figure } from './measure.ts'
import { measureCoverage, measureFalseVerdicts, measurePower } from './tests-of-effects.ts'
import {
  measureFleets,
  measureHoldback,
  measureReplays,
  measureUnitCosts,
  measureWeakness,
} from './tests-of-estimates.ts'
import { measureFalseRollBacks, measureTrueRollBacks } from './tests-of-harm.ts'

/** `share` of the full number of runs, 1 when nothing is given. */
export function runStatistics(share: string | undefined): void {
  const scale = { share: share === undefined ? 1 : Number(share) }
  if (!(scale.share > 0)) throw new Error(`the share of the runs must be above 0, not ${share}`)
  console.log(`${'what'.padEnd(64)}   before             after    runs    wanted`)
  const power = measurePower(scale)
  const all: Figure[] = []
  const print = (figures: Figure[]): void => {
    for (const figure of figures) console.log(formatFigure(figure))
    all.push(...figures)
  }
  print(measureFalseVerdicts(scale))
  print(measureCoverage(scale))
  print(power.figures)
  for (const { name, median, ninth, wrong } of power.speeds)
    console.log(`  ${name}: median ${median} units an arm, nine of ten by ${ninth}, ${wrong} the wrong way round`)
  print(measureFalseRollBacks(scale))
  print(measureTrueRollBacks(scale))
  print(measureHoldback(scale))
  print(measureFleets(scale))
  print(measureWeakness(scale))
  print(measureUnitCosts(scale))
  print(measureReplays(scale))
  const missed = all.filter((figure) => !holds(figure)).map(({ name }) => name)
  const rows = all.map((figure) => ({
    name: figure.name,
    before: figure.before && toShare(figure.before),
    after: toShare(figure.after),
    error: toError(figure.after),
  }))
  console.log(JSON.stringify({ figures: all.length, missed, rows }))
  if (missed.length > 0) process.exitCode = 1
}
