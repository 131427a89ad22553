/** Which kind of change is tried next. Pure. */

export const operators = ['instruction', 'structure', 'contract', 'examples', 'parameters', 'model', 'merge'] as const
export type Operator = (typeof operators)[number]

export interface OperatorRecord {
  tried: number
  accepted: number
}

/** So often an operator is drawn whatever it has brought so far. */
const explore = 0.2

/** ε-greedy by past acceptances; an operator that was not tried yet counts as if it had won half of two tries. */
export function drawOperator(
  allowed: readonly Operator[],
  past: ReadonlyMap<Operator, OperatorRecord>,
  draw: { explore: number; choice: number },
): Operator {
  const rate = (operator: Operator): number => {
    const { tried, accepted } = past.get(operator) ?? { tried: 0, accepted: 0 }
    return (accepted + 1) / (tried + 2)
  }
  if (draw.explore < explore) return allowed[Math.floor(draw.choice * allowed.length)] ?? 'instruction'
  return allowed.reduce(
    (best, operator) => (rate(operator) > rate(best) ? operator : best),
    allowed[0] ?? 'instruction',
  )
}
