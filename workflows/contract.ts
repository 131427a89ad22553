/**
 * What the rest of Sinew and Temporal's users rely on: names, id builders, inputs and signals. The only workflows file,
 * beside the pure domain, that the gateway may load. Definitions are checked against it by the compiler.
 */

/** Types of the workflows, as Temporal Web shows them. */
export const workflowNames = {
  exchange: 'exchange',
  enhancement: 'enhancement',
  reanalysis: 'reanalysis',
  reanalysisPart: 'reanalysisPart',
  job: 'job',
  experiment: 'experiment',
} as const

/** Ids are derived, so starting twice is joining. */
export const toExchangeWorkflowId = (exchangeId: string): string => `exchange/${exchangeId}`
export const toEnhancementWorkflowId = (enhancementId: string): string => `enhancement/${enhancementId}`
/** `retry`: which trying again of its failed exchanges; 0 = the run itself. */
export const toReanalysisWorkflowId = (reanalysisId: string, retry = 0): string =>
  `reanalysis/${reanalysisId}${retry === 0 ? '' : `/retry/${retry}`}`
export const toExperimentWorkflowId = (experimentId: string): string => `experiment/${experimentId}`

/** All of type Keyword. */
export const searchAttributes = {
  model: 'SinewModel',
  pattern: 'SinewPattern',
  session: 'SinewSession',
  verdict: 'SinewVerdict',
} as const

/** Ids and decisions only: prompts and answers never enter Temporal. */
export interface ExchangeInput {
  exchangeId: string
  /** Whether the namespace knows Sinew's search attributes; without them nothing is upserted. */
  withSearchAttributes: boolean
}

export interface ExchangeResult {
  patternId: string | null
  verdict: 'success' | 'failure' | 'none'
  /** The enhancement this exchange gave rise to, if any. */
  enhancementId: string | null
}

export interface EnhancementInput {
  enhancementId: string
}

/** Sent to `enhancement/<id>` once a person's decision stands in PostgreSQL. */
export const decidedSignal = 'decided'
export interface DecidedSignal {
  state: 'approved' | 'rejected'
  version: number
  person: string
}

/**
 * Sent to `enhancement/<id>` once a person changed it without deciding: edited, snoozed, or given one of two approvals.
 */
export const changedSignal = 'changed'
export interface ChangedSignal {
  version: number
  person: string
}

/**
 * Sent to `enhancement/<id>` of a draft when an analyst was switched on: it asks now instead of at the end of its wait.
 */
export const analystSwitchedSignal = 'analystSwitched'

export interface ReanalysisInput {
  reanalysisId: string
  /** Absent = the run itself; else the number of this trying again of what failed. */
  retry?: number
}

/** What one child workflow of a reanalysis does: a slice of its time range, or what failed before. */
export type ReanalysisPart = { slice: number } | { retry: number }

export interface ReanalysisPartInput {
  reanalysisId: string
  part: ReanalysisPart
}

export const toReanalysisPartWorkflowId = (reanalysisId: string, part: ReanalysisPart): string =>
  'slice' in part
    ? `${toReanalysisWorkflowId(reanalysisId)}/slice/${part.slice}`
    : `${toReanalysisWorkflowId(reanalysisId, part.retry)}/failed`

/** Sent to a part when its reanalysis was paused, resumed or cancelled: it looks at once. */
export const reanalysisChangedSignal = 'changed'

export const reanalysisSignals = { pause: 'pause', resume: 'resume', cancel: 'cancel' } as const

/** What runs by itself now and then; each a schedule of Temporal. */
export const jobNames = ['drift', 'stale-enhancements', 'model-versions', 'retention'] as const
export type JobName = (typeof jobNames)[number]

export interface JobInput {
  job: JobName
}

export interface ExperimentInput {
  experimentId: string
}

/** What a look at an experiment answers; the numbers stay in PostgreSQL. */
export interface ExperimentLook {
  /** There is nothing to look at any more. */
  ended: boolean
  waitMs: number
}

/** Sent to `experiment/<id>` when a person did something with it: it looks at once. */
export const experimentNudgedSignal = 'nudged'

/** A link to a workflow in Temporal Web, or `null` where its address is unknown. */
export function toWorkflowUrl(uiUrl: string | null, namespace: string, workflowId: string): string | null {
  return uiUrl === null
    ? null
    : `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`
}
