/**
 * How good pattern mining is on real prompts. The committed sample is the gate, and runs everywhere. The full set is
 * read from SINEW_EVAL_DATA (default ../shared/data) where it is there.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fillParts } from './fill-parts.ts'
import { scoreGrouping } from './eval/grouping-score.ts'
import { evaluatePatterns, learnRows, readRows, serveRows, toPrompt, type PatternRow } from './eval/patterns.ts'
import { shuffle } from './patterns-world.ts'

const full = join(process.env.SINEW_EVAL_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'b_prompts.jsonl')
const sample = join(import.meta.dirname, 'data/patterns-sample.jsonl')
const present = existsSync(full)
/** Of the sample, in any order of arrival. */
const sampleAccuracyMin = 0.9
const sampleRebuiltMin = 20
if (!present) console.log(`the full set is not here (${full}); the committed sample alone is measured`)

describe('the committed sample', () => {
  test('every template of it is found exactly and no unrelated prompt joins one', () => {
    expect(evaluatePatterns(readRows(sample))).toMatchObject({
      rows: 30,
      groupingAccuracy: 1,
      pairPrecision: 1,
      pairRecall: 1,
    })
  })

  test('another order of arrival finds the same, and every match gives its prompt back exactly', () => {
    for (const seed of [1, 2, 3]) {
      const rows = shuffle(readRows(sample), seed)
      const { groupingAccuracy, pairPrecision } = scoreGrouping(rows, serveRows(rows).groups)
      expect(groupingAccuracy).toBeGreaterThanOrEqual(sampleAccuracyMin)
      expect(pairPrecision).toBe(1)
      expect(countRebuilt(rows)).toBeGreaterThanOrEqual(sampleRebuiltMin)
    }
  })
})

/** Checks that every match gives its prompt back exactly; answers how many there were. */
function countRebuilt(rows: PatternRow[]): number {
  const matcher = learnRows(rows).miner.matcher()
  let matches = 0
  for (const row of rows) {
    const match = matcher.match(toPrompt(row))
    if (match === null) continue
    matches++
    expect(fillParts(match.template.user ?? [], match.slots)).toBe(row.text)
    if (match.template.system) expect(fillParts(match.template.system, match.slots)).toBe(row.system)
  }
  return matches
}

describe.skipIf(!present)('the full set', () => {
  test('groups agree with the truth, and every match gives its prompt back exactly', { timeout: 240_000 }, () => {
    const rows = readRows(full)
    const score = scoreGrouping(rows, serveRows(rows).groups)
    expect(score.groupingAccuracy).toBeGreaterThanOrEqual(0.93)
    expect(score.groupingAccuracyTemplated).toBeGreaterThanOrEqual(0.92)
    expect(score.pairPrecision).toBeGreaterThanOrEqual(0.95)
    expect(score.pairRecall).toBeGreaterThanOrEqual(0.95)
    expect(countRebuilt(rows)).toBeGreaterThan(0)
  })

  test('another order of arrival finds the same', { timeout: 240_000 }, () => {
    const rows = shuffle(readRows(full), 42)
    expect(scoreGrouping(rows, serveRows(rows).groups).groupingAccuracy).toBeGreaterThanOrEqual(0.92)
  })

  test('families of templates that the others say nothing about are found as well', { timeout: 240_000 }, () => {
    const rows = readRows(full)
    const familyOf = (id: string): string => id.slice(0, id.indexOf(':'))
    for (const family of new Set(
      rows.filter((row) => row.kind === 'templated').map((row) => familyOf(row.template_id)),
    )) {
      const alone = rows.filter((row) => row.kind === 'adhoc' || familyOf(row.template_id) === family)
      expect(scoreGrouping(alone, serveRows(alone).groups).groupingAccuracyTemplated, family).toBeGreaterThanOrEqual(
        0.85,
      )
    }
  })
})
