/**
 * How right prompts are told apart at the moment when they come, which is what people see: right is a templated prompt
 * that goes to the pattern of its template, and another one that goes to none.
 */
export interface ArrivalScore {
  accuracy: number
  /** Of templated prompts whose template had come at least four times before. */
  accuracySeenFourTimes: number
}

/**
 * `arrivals`: the pattern each row was given when it came; `null` = none. Then its opening stands for its template, where
 * it tells the two apart.
 */
export function scoreArrivals(
  rows: { template_id: string; kind: string }[],
  arrivals: (string | null)[],
  openings: (string | null)[],
): ArrivalScore {
  const templates = rows.map(({ template_id: template }) => template)
  const byPattern = pair(templates, arrivals)
  const byOpening = pair(templates, openings)
  const seen = new Map<string, number>()
  let right = 0
  let known = 0
  let knownRight = 0
  rows.forEach(({ kind, template_id: template }, index) => {
    const pattern = arrivals[index] ?? null
    const isRight =
      kind === 'adhoc'
        ? pattern === null
        : pattern === null
          ? seen.has(template) && byOpening(template, openings[index] ?? null)
          : byPattern(template, pattern)
    const before = seen.get(template) ?? 0
    seen.set(template, before + 1)
    if (isRight) right++
    if (kind === 'adhoc' || before < 4) return
    known++
    if (isRight) knownRight++
  })
  return { accuracy: toShare(right, rows.length), accuracySeenFourTimes: toShare(knownRight, known) }
}

/** Whether a template and a name stand for each other most of the time. */
function pair(templates: string[], names: (string | null)[]): (template: string, name: string | null) => boolean {
  const nameOf = findMost(templates.map((template, index) => [template, names[index] ?? null]))
  const templateOf = findMost(templates.map((template, index) => [names[index] ?? null, template]))
  return (template, name) => name !== null && nameOf.get(template) === name && templateOf.get(name) === template
}

/** What stands most often beside each; `null` counts for nothing. */
function findMost(pairs: [string | null, string | null][]): Map<string, string> {
  const counts = new Map<string, Map<string, number>>()
  for (const [one, other] of pairs) {
    if (one === null || other === null) continue
    const own = counts.get(one) ?? new Map<string, number>()
    own.set(other, (own.get(other) ?? 0) + 1)
    counts.set(one, own)
  }
  return new Map([...counts].map(([one, own]) => [one, [...own].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '']))
}

function toShare(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}
