/**
 * Measures pattern mining on labelled prompts: they are learned in file order by the team's miner (team-miner.ts)
 * and identified by the gateway's (identify.ts); a row's group is the pattern it belongs to after the last row. Labels
 * are read for scoring only.
 *
 *   node workflows/test/eval/patterns.ts <rows.jsonl>
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { createPatternIndex, type PatternSet } from '../../domain/patterns/identify.ts'
import { createTemplateMiner, type TemplateMiner } from '../../domain/mining/template-miner.ts'
import { createTeamMiner, type TeamMiner } from '../../domain/mining/team-miner.ts'
import type { MinedPrompt } from '../../domain/mining/types.ts'
import { fingerprintTexts } from '../../domain/patterns/fingerprint.ts'
import { minSupport } from '../../domain/mining/weights.ts'
import type { Prompt } from '../../domain/exchanges/prompt.ts'
import { scoreArrivals, type ArrivalScore } from './arrival-score.ts'
import { scoreGrouping, type GroupingScore } from './grouping-score.ts'

export interface PatternRow {
  text: string
  system?: string
  template_id: string
  kind: 'templated' | 'adhoc'
}

export interface PatternScore extends GroupingScore {
  arrival: ArrivalScore
  matchMsP50: number
  matchMsP99: number
}

export function readRows(path: string): PatternRow[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.map((line) => JSON.parse(line) as PatternRow)
}

export function toPrompt(row: Pick<PatternRow, 'text' | 'system'>): MinedPrompt {
  return { structure: '', system: row.system ?? null, user: row.text }
}

/** The bare miner on the rows in their order, and each one's group; a prompt of no pattern is a group of its own. */
export function learnRows(
  rows: PatternRow[],
  miner: TemplateMiner = createTemplateMiner(),
): { groups: string[]; miner: TemplateMiner } {
  for (const row of rows) miner.learn(toPrompt(row))
  miner.cluster()
  const matcher = miner.matcher()
  return { miner, groups: rows.map((row, index) => matcher.match(toPrompt(row))?.pattern ?? `none ${index}`) }
}

/** So many prompts the miner's process takes at a time; how they are cut changes nothing. */

/** The rows through what serves traffic: learned by a team's miner, then identified as a gateway does. */
export function serveRows(rows: PatternRow[]): { groups: string[]; matchMs: number[]; arrivals: (string | null)[] } {
  const team = createTeamMiner()
  const arrivals = rows.map((row) => team.learn([toPrompt(row)]).patterns[0] ?? null)
  team.cluster()
  const index = createPatternIndex(toPatternSet(team))
  const matchMs: number[] = []
  const groups = rows.map((row, place) => {
    const prompt: Prompt = {
      system: row.system === undefined ? null : { text: row.system, path: [] },
      user: { text: row.text, path: [] },
    }
    const start = performance.now()
    const identified = index.identify({}, prompt)
    matchMs.push(performance.now() - start)
    return identified?.patternId ?? `none ${place}`
  })
  return { groups, matchMs, arrivals }
}

/**
 * What gateways get: an opening stands for itself where enough of its prompts have no template, and for the one pattern
 * that explains all of them.
 */
function toPatternSet(team: TeamMiner): PatternSet {
  const openings = [...team.openings()].flatMap(([hash, { unexplained, patterns }]): [string, string][] => {
    if (unexplained >= minSupport) return [[hash, `opening ${hash}`]]
    return unexplained === 0 && patterns.size === 1 ? [[hash, [...patterns][0] as string]] : []
  })
  return { patterns: team.patterns(), openings }
}

export function evaluatePatterns(rows: PatternRow[]): PatternScore {
  const { groups, matchMs, arrivals } = serveRows(rows)
  matchMs.sort((a, b) => a - b)
  const at = (share: number): number =>
    Number((matchMs[Math.min(matchMs.length - 1, Math.floor(matchMs.length * share))] ?? 0).toFixed(4))
  return {
    ...scoreGrouping(rows, groups),
    matchMsP50: at(0.5),
    matchMsP99: at(0.99),
    arrival: scoreArrivals(
      rows,
      arrivals,
      rows.map(({ system, text }) => fingerprintTexts(system ?? null, text)?.hash ?? null),
    ),
  }
}

/** Called by `npm run eval -- patterns <rows.jsonl>`. */
export function runPatterns(path: string): void {
  const { arrival, ...score } = evaluatePatterns(readRows(path))
  console.log(
    `on arrival: right ${arrival.accuracy}, of templates that came four times before ${arrival.accuracySeenFourTimes}`,
  )
  console.log(JSON.stringify(score))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = process.argv[2]
  if (path === undefined) {
    console.error('usage: node workflows/test/eval/patterns.ts <rows.jsonl>')
    process.exitCode = 1
  } else runPatterns(path)
}
