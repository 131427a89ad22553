/**
 * How good pattern mining is on real prompts. The full set is read from SINEW_EVAL_DATA (default ../shared/data); where
 * it is absent, a small sample takes its place and the test says so.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fillParts } from '../domain/mining/parts.ts'
import { scoreGrouping } from './eval/grouping-score.ts'
import { evaluatePatterns, learnRows, readRows, serveRows, toPrompt } from './eval/patterns.ts'
import { shuffle } from './patterns-world.ts'

const full = join(process.env.SINEW_EVAL_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'b_prompts.jsonl')
const sample = join(import.meta.dirname, 'data/patterns-sample.jsonl')
const present = existsSync(full)
if (!present) console.log(`the full set is missing (${full}); the committed sample is measured instead`)

describe('the committed sample', () => {
  test('every template of it is found exactly and no unrelated prompt joins one', () => {
    expect(evaluatePatterns(readRows(sample))).toMatchObject({
      rows: 30,
      groupingAccuracy: 1,
      pairPrecision: 1,
      pairRecall: 1,
    })
  })
})

describe.skipIf(!present)('the full set', () => {
  test('groups agree with the truth, and every match gives its prompt back exactly', { timeout: 240_000 }, () => {
    const rows = readRows(full)
    const { learner } = learnRows(rows)
    const score = scoreGrouping(rows, serveRows(rows).groups)
    expect(score.groupingAccuracy).toBeGreaterThanOrEqual(0.93)
    expect(score.groupingAccuracyTemplated).toBeGreaterThanOrEqual(0.92)
    expect(score.pairPrecision).toBeGreaterThanOrEqual(0.95)
    expect(score.pairRecall).toBeGreaterThanOrEqual(0.95)
    const matcher = learner.matcher()
    for (const row of rows) {
      const match = matcher.match(toPrompt(row))
      if (match === null) continue
      expect(fillParts(match.template.user ?? [], match.slots)).toBe(row.text)
      if (match.template.system) expect(fillParts(match.template.system, match.slots)).toBe(row.system)
    }
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
