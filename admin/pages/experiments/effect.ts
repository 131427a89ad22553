/** Rates go by points, everything else by its own number. */
export function formatEffect(metric: string, value: number): string {
  return metric === 'success' || metric === 'score' ? `${(value * 100).toFixed(1)} points` : value.toPrecision(3)
}
