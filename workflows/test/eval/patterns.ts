/**
 * Measures pattern mining on labelled prompts: they are learned and matched in file order by the code that serves
 * traffic, and a row's group is the pattern it belongs to after the last row. Labels are read for scoring only.
 *
 *   node workflows/test/eval/patterns.ts <rows.jsonl>
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { createLearner, type Learner } from '../../domain/mining/learner.ts'
import type { MinedPrompt } from '../../domain/mining/types.ts'
import { scoreGrouping, type GroupingScore } from './grouping-score.ts'

export interface PatternRow {
  text: string
  system?: string
  template_id: string
  kind: 'templated' | 'adhoc'
}

export interface PatternScore extends GroupingScore {
  matchMsP50: number
  matchMsP99: number
}

export function readRows(path: string): PatternRow[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => JSON.parse(line) as PatternRow)
}

export function toPrompt(row: Pick<PatternRow, 'text' | 'system'>): MinedPrompt {
  return { structure: '', system: row.system ?? null, user: row.text }
}

/** Learns the rows in their order and answers each one's group; a prompt of no pattern is a group of its own. */
export function learnRows(rows: PatternRow[], learner: Learner = createLearner()): { groups: string[]; matchMs: number[]; learner: Learner } {
  for (const row of rows) learner.learn(toPrompt(row))
  learner.cluster()
  const matcher = learner.matcher()
  const matchMs: number[] = []
  const groups = rows.map((row, index) => {
    const prompt = toPrompt(row)
    const start = performance.now()
    const match = matcher.match(prompt)
    matchMs.push(performance.now() - start)
    return match === null ? `none ${index}` : match.pattern
  })
  return { groups, matchMs, learner }
}

export function evaluatePatterns(rows: PatternRow[]): PatternScore {
  const { groups, matchMs } = learnRows(rows)
  matchMs.sort((a, b) => a - b)
  const at = (share: number): number => Number((matchMs[Math.min(matchMs.length - 1, Math.floor(matchMs.length * share))] ?? 0).toFixed(4))
  return { ...scoreGrouping(rows, groups), matchMsP50: at(0.5), matchMsP99: at(0.99) }
}

/** Called by `npm run eval -- patterns <rows.jsonl>`. */
export function runPatterns(path: string): void {
  console.log(JSON.stringify(evaluatePatterns(readRows(path))))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = process.argv[2]
  if (path === undefined) {
    console.error('usage: node workflows/test/eval/patterns.ts <rows.jsonl>')
    process.exitCode = 1
  } else runPatterns(path)
}
