/** What guardrails and causes are called where people read them. Pure. */
import type { GuardrailReading } from './guardrails.ts'

export const guardrailWords: Record<GuardrailReading['name'], string> = {
  error: 'errors',
  refusal: 'declined requests',
  invalid_output: 'invalid output',
  slow: 'slower than usual',
  dear: 'dearer than usual',
  left: 'the caller left before the end',
  anomaly: 'anomalies',
  no_value: 'units without a value (no feedback)',
  mean_cost: 'mean cost',
}

/** A stored cause as a person reads it: it names guardrails by their words. */
export function toPlainCause(cause: string): string {
  return cause.replace(/the guardrail (\w+) was crossed/g, (whole, name: string) => {
    const word = (guardrailWords as Record<string, string | undefined>)[name]
    return word === undefined ? whole : `the guardrail “${word}” was crossed`
  })
}
