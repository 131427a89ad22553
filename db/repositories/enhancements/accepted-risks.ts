/** Which named risks of a proposal an approval leaves open. Pure. */
import type { ProposalCheck } from '../../words/enhancement.ts'

export function findUnacceptedRisks(checks: readonly ProposalCheck[], accepted: readonly string[]): ProposalCheck[] {
  return checks.filter(({ risk }) => risk !== undefined && !accepted.includes(risk.id))
}
