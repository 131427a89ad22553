/** What the bundle of the workflow sandbox holds; their names are those of the contract. */
import type {
  EnhancementInput,
  ExchangeInput,
  ExchangeResult,
  ExperimentInput,
  JobInput,
  ReanalysisInput,
  ReanalysisPartInput,
  workflowNames,
} from '../contract.ts'
import { enhancement } from './enhancement.ts'
import { exchange } from './exchange.ts'
import { experiment } from './experiment.ts'
import { job } from './job.ts'
import { reanalysis } from './reanalysis.ts'
import { reanalysisPart } from './reanalysis-part.ts'

export { enhancement, exchange, experiment, job, reanalysis, reanalysisPart }

/** A definition that leaves the contract does not compile. */
export const definitions: Record<keyof typeof workflowNames, unknown> & {
  exchange: (input: ExchangeInput) => Promise<ExchangeResult>
  enhancement: (input: EnhancementInput) => Promise<{ state: string }>
  reanalysis: (input: ReanalysisInput) => Promise<{ state: string }>
  reanalysisPart: (input: ReanalysisPartInput) => Promise<void>
  job: (input: JobInput) => Promise<void>
  experiment: (input: ExperimentInput) => Promise<{ looks: number }>
} = { enhancement, exchange, experiment, job, reanalysis, reanalysisPart }
