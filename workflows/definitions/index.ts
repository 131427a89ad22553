/** What the bundle of the workflow sandbox holds; their names are those of the contract. */
import type { EnhancementInput, ExchangeInput, ExchangeResult, ReanalysisInput, workflowNames } from '../contract.ts'
import { enhancement } from './enhancement.ts'
import { exchange } from './exchange.ts'
import { reanalysis } from './reanalysis.ts'

export { enhancement, exchange, reanalysis }

/** A definition that leaves the contract does not compile. */
export const definitions: Record<keyof typeof workflowNames, unknown> & {
  exchange: (input: ExchangeInput) => Promise<ExchangeResult>
  enhancement: (input: EnhancementInput) => Promise<{ state: string }>
  reanalysis: (input: ReanalysisInput) => Promise<{ state: string }>
} = { enhancement, exchange, reanalysis }
