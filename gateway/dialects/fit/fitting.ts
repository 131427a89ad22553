import type { Acceptance } from '../acceptance-facts.ts'
import type { WriteOptions } from '../adapter.ts'
import type { TranslationReport } from '../report.ts'

/** What a rule needs besides the request. */
export interface Fitting {
  readonly accepts: Acceptance
  readonly write: WriteOptions
  readonly report: TranslationReport
}
