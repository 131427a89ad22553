/** How well predicted groups agree with true ones, by the measures of the log-parsing literature (Zhu et al. 2019, Khan et al. 2022). */

export interface GroupingScore {
  rows: number
  /** Share of rows whose predicted group is exactly their true group. */
  groupingAccuracy: number
  groupingAccuracyTemplated: number
  /** Harmonic mean of the shares of predicted and of true groups of templated rows that are exactly right. */
  templateF1: number
  pairPrecision: number
  pairRecall: number
  groups: number
}

export function scoreGrouping(rows: { template_id: string; kind: string }[], predicted: string[]): GroupingScore {
  const trueSizes = new Map<string, number>()
  const groupSizes = new Map<string, number>()
  const cells = new Map<string, number>()
  const cellOf = (index: number): string => `${predicted[index]}\n${rows[index]?.template_id}`
  rows.forEach((row, index) => {
    increase(trueSizes, row.template_id)
    increase(groupSizes, predicted[index] as string)
    increase(cells, cellOf(index))
  })
  const exact = rows.map((row, index) => {
    const common = cells.get(cellOf(index))
    return common === trueSizes.get(row.template_id) && common === groupSizes.get(predicted[index] as string)
  })
  const templated = rows.flatMap((row, index) => (row.kind === 'templated' ? [index] : []))
  const exactTemplates = new Set(templated.filter((index) => exact[index]).map((index) => rows[index]?.template_id))
  const trueTemplates = new Set(templated.map((index) => rows[index]?.template_id))
  // A predicted template is a group of two or more, or one that holds a templated row.
  const templatedGroups = new Set(templated.map((index) => predicted[index]))
  const predictedTemplates = new Set([...groupSizes].filter(([group, size]) => size > 1 || templatedGroups.has(group)).map(([group]) => group))
  const precision = share(exactTemplates.size, predictedTemplates.size)
  const recall = share(exactTemplates.size, trueTemplates.size)
  const commonPairs = pairs(cells)
  return {
    rows: rows.length,
    groupingAccuracy: share(exact.filter(Boolean).length, rows.length),
    groupingAccuracyTemplated: share(templated.filter((index) => exact[index]).length, templated.length),
    templateF1: precision + recall === 0 ? 0 : round((2 * precision * recall) / (precision + recall)),
    pairPrecision: share(commonPairs, pairs(groupSizes)),
    pairRecall: share(commonPairs, pairs(trueSizes)),
    groups: groupSizes.size,
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function pairs(sizes: Map<string, number>): number {
  let sum = 0
  for (const size of sizes.values()) sum += (size * (size - 1)) / 2
  return sum
}

/** 0 of 0 is 1: nothing was asked, nothing is wrong. */
function share(part: number, whole: number): number {
  return whole === 0 ? 1 : round(part / whole)
}

function round(value: number): number {
  return Number(value.toFixed(4))
}
