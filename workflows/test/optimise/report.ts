/** `npm run world -- optimise`: the optimiser in twenty seeded worlds and as many null worlds; the last line is JSON. */
import { parseArgs } from 'node:util'
import { runOptimiseWorld, type WorldResult } from './world.ts'

export interface OptimiseReport {
  seeds: number
  calls: number
  gain: number
  oracle: number
  oneShot: number
  ofOracle: number
  timesOneShot: number
  falsePromotions: number
  nullPromotions: number
  breakers: number
  unflagged: number
  slope: number
  coverage: number
  shown: number
  sealedEarly: number
}

const defaultProposals = 60

interface Measured {
  seeds: number
  nullSeeds: number
  maxCalls: number
  maxProposals: number
}

export function measureOptimiser({ seeds, nullSeeds, maxCalls, maxProposals }: Measured): OptimiseReport {
  const results = Array.from({ length: seeds }, (_, seed) =>
    runOptimiseWorld({ seed: `w${seed}`, maxCalls, maxProposals, isNull: false }),
  )
  const nulls = Array.from({ length: nullSeeds }, (_, seed) =>
    runOptimiseWorld({ seed: `n${seed}`, maxCalls, maxProposals, isNull: true }),
  )
  const all = [...results, ...nulls]
  const shown = results.flatMap(({ expected }) => (expected === null ? [] : [expected]))
  const mean = (pick: (result: WorldResult) => number): number =>
    results.reduce((sum, result) => sum + pick(result), 0) / results.length
  const [gain, oracle, oneShot] = [mean((one) => one.gain), mean((one) => one.oracle), mean((one) => one.oneShot)]
  return {
    seeds,
    calls: mean(({ calls }) => calls),
    gain,
    oracle,
    oneShot,
    ofOracle: gain / oracle,
    timesOneShot: oneShot === 0 ? Number.POSITIVE_INFINITY : gain / oneShot,
    falsePromotions: all.filter(({ isFalse }) => isFalse).length / all.length,
    nullPromotions: nulls.length === 0 ? 0 : nulls.filter(({ promoted }) => promoted).length / nulls.length,
    breakers: all.reduce((sum, { breakers }) => sum + breakers, 0),
    unflagged: all.reduce((sum, { unflagged }) => sum + unflagged, 0),
    // Of live on offline gains, through the origin: 1 = the estimate is neither too high nor too low.
    slope:
      shown.reduce((sum, one) => sum + one.gain * one.truth, 0) / shown.reduce((sum, one) => sum + one.gain ** 2, 0),
    coverage: shown.filter(({ low, high, truth }) => low <= truth && truth <= high).length / shown.length,
    shown: shown.length,
    sealedEarly: all.filter(({ sealedEarly }) => sealedEarly).length,
  }
}

export function findMissed(report: OptimiseReport): string[] {
  const goals: [string, boolean][] = [
    ['at least 90 % of the oracle', report.ofOracle >= 0.9],
    ['at least 1.5 times one proposal', report.timesOneShot >= 1.5],
    ['at most 5 % false promotions', report.falsePromotions <= 0.05],
    ['at most 5 % promotions where nothing helps', report.nullPromotions <= 0.05],
    ['no contract-breaker unflagged', report.unflagged === 0],
    ['slope 0.7 to 1.3', report.slope >= 0.7 && report.slope <= 1.3],
    ['coverage at least 90 %', report.coverage >= 0.9],
    ['no sealed item read early', report.sealedEarly === 0],
  ]
  return goals.filter(([, reached]) => !reached).map(([goal]) => goal)
}

/** Options: --seeds <number>, --calls <calls of the judge>. False when a goal is missed. */
export function runOptimiseReport(args: string[]): boolean {
  const options = { seeds: { type: 'string', default: '20' }, calls: { type: 'string', default: '150' } } as const
  const { values } = parseArgs({ args, options })
  const [seeds, maxCalls] = [Number(values.seeds), Number(values.calls)]
  if (!(seeds >= 1 && seeds <= 1_000 && maxCalls >= 20 && maxCalls <= 10_000))
    throw new Error('--seeds must be from 1 to 1000, --calls from 20 to 10000')
  const report = measureOptimiser({ seeds, nullSeeds: seeds, maxCalls, maxProposals: defaultProposals })
  const missed = findMissed(report)
  for (const [name, value] of Object.entries(report))
    console.log(`${name.padEnd(16)} ${typeof value === 'number' ? Number(value.toFixed(3)) : value}`)
  console.log(missed.length === 0 ? 'every goal is reached' : `missed: ${missed.join('; ')}`)
  console.log(JSON.stringify({ ...report, missed }))
  return missed.length === 0
}
