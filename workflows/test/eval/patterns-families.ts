/**
 * How mining fares where it was not tuned: every family of templates (the prefix before `:`) alone with the unrelated
 * prompts, the set without each family, and several orders of arrival.
 *
 *   node workflows/test/eval/patterns-families.ts <rows.jsonl>
 */
import { shuffle } from '../patterns-world.ts'
import { scoreGrouping } from './grouping-score.ts'
import { serveRows, readRows, type PatternRow } from './patterns.ts'

const path = process.argv[2]
if (path === undefined) throw new Error('usage: node workflows/test/eval/patterns-families.ts <rows.jsonl>')
const rows = readRows(path)
const familyOf = (row: PatternRow): string => row.template_id.slice(0, row.template_id.indexOf(':'))
const families = [...new Set(rows.filter((row) => row.kind === 'templated').map(familyOf))]

for (const family of families) {
  print(
    `only ${family}`,
    rows.filter((row) => row.kind === 'adhoc' || familyOf(row) === family),
  )
  print(
    `without ${family}`,
    rows.filter((row) => familyOf(row) !== family),
  )
}
for (const seed of [1, 2, 3, 4, 5]) print(`order ${seed}`, shuffle(rows, seed))

function print(what: string, part: PatternRow[]): void {
  const { groupingAccuracy, groupingAccuracyTemplated, templateF1, pairPrecision, pairRecall } = scoreGrouping(
    part,
    serveRows(part).groups,
  )
  console.log(
    what.padEnd(16),
    JSON.stringify({
      rows: part.length,
      groupingAccuracy,
      groupingAccuracyTemplated,
      templateF1,
      pairPrecision,
      pairRecall,
    }),
  )
}
