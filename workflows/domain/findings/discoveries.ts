/**
 * Which of many things that are looked at together are discoveries: e-BH, Wang & Ramdas 2022. Needs no independence.
 * Pure.
 */

/**
 * Takes logarithms of e-values; answers one flag for each. `level`: the share of false ones among the discoveries, in
 * the mean.
 */
export function findDiscoveries(logEs: readonly number[], level: number): boolean[] {
  const count = logEs.length
  const order = logEs.map((logE, index) => ({ logE, index })).sort((a, b) => b.logE - a.logE)
  let discoveries = 0
  order.forEach(({ logE }, rank) => {
    if (logE >= Math.log(count / (level * (rank + 1)))) discoveries = rank + 1
  })
  const found = logEs.map(() => false)
  for (const { index } of order.slice(0, discoveries)) found[index] = true
  return found
}
