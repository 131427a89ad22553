/**
 * How well predicted groups agree with true ones, by the measures of the log-parsing literature (Zhu et al. 2019, Jiang
 * et al. 2024).
 */

export interface GroupingScore {
  rows: number
  /** Share of rows whose predicted group is exactly their true group. */
  groupingAccuracy: number
  groupingAccuracyTemplated: number
  /**
   * F1 of grouping: harmonic mean of the shares of predicted and of true groups that are exactly right (Jiang et al.
   * 2024).
   */
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
  const exactGroups = new Set(predicted.filter((_, index) => exact[index])).size
  const precision = share(exactGroups, groupSizes.size)
  const recall = share(exactGroups, trueSizes.size)
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
