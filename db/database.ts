/**
 * The tables as types. Each entity says its columns once; the query builder, the rows and the check against the
 * migrated schema follow from it.
 */
import type { InferKyselyDB, SqlEntityManager } from '@mikro-orm/postgresql'
import type { ColumnType, Kysely } from 'kysely'
import { AnalystCall } from './entities/analyst-call.ts'
import { AnalyticsEvent } from './entities/analytics-event.ts'
import { Anomaly } from './entities/anomaly.ts'
import { Enhancement } from './entities/enhancement.ts'
import { ExperimentEvent } from './entities/experiment-event.ts'
import { ExperimentExchange } from './entities/experiment-exchange.ts'
import { ExperimentExposure } from './entities/experiment-exposure.ts'
import { ExperimentLook } from './entities/experiment-look.ts'
import { Experiment } from './entities/experiment.ts'
import { Feedback } from './entities/feedback.ts'
import { Finding } from './entities/finding.ts'
import { Judgement } from './entities/judgement.ts'
import { ModelVersion } from './entities/model-version.ts'
import { PatternDay } from './entities/pattern-day.ts'
import { PatternDecision } from './entities/pattern-decision.ts'
import { PatternMiner } from './entities/pattern-miner.ts'
import { PatternLineage } from './entities/pattern-lineage.ts'
import { PatternQueue } from './entities/pattern-queue.ts'
import { PatternReview } from './entities/pattern-review.ts'
import { Pattern } from './entities/pattern.ts'
import { ProcessState } from './entities/process-state.ts'
import { Quarantine } from './entities/quarantine.ts'
import { ReanalysisFailure } from './entities/reanalysis-failure.ts'
import { ReanalysisPattern } from './entities/reanalysis-pattern.ts'
import { ReanalysisSlice } from './entities/reanalysis-slice.ts'
import { Reanalysis } from './entities/reanalysis.ts'
import { Request } from './entities/request.ts'
import { Response } from './entities/response.ts'
import { SecurityPolicy } from './entities/security-policy.ts'
import { Session } from './entities/session.ts'
import { SessionLink } from './entities/session-link.ts'
import { Setting } from './entities/setting.ts'
import { TransformationVersion } from './entities/transformation-version.ts'
import { Transformation } from './entities/transformation.ts'
import { WorkflowCommand } from './entities/workflow-command.ts'

/** Every table of the schema. */
export const entities = [
  AnalystCall,
  AnalyticsEvent,
  Anomaly,
  Enhancement,
  ExperimentEvent,
  ExperimentExchange,
  ExperimentExposure,
  ExperimentLook,
  Experiment,
  Feedback,
  Finding,
  Judgement,
  ModelVersion,
  PatternDay,
  PatternDecision,
  PatternMiner,
  PatternLineage,
  PatternQueue,
  PatternReview,
  Pattern,
  ProcessState,
  Quarantine,
  ReanalysisFailure,
  ReanalysisPattern,
  ReanalysisSlice,
  Reanalysis,
  Request,
  Response,
  SecurityPolicy,
  Session,
  SessionLink,
  Setting,
  TransformationVersion,
  Transformation,
  WorkflowCommand,
] as const

/** PostgreSQL's moments and dates arrive as its own text, which keeps microseconds; both forms may be written. */
type Read<Value> = Value extends Date ? string : Value
type Written<Value> = Value extends Date ? Date | string : Value

type Column<Value> = [Value] extends [ColumnType<infer Selected, infer Inserted, infer Updated>]
  ? ColumnType<Read<Selected>, Written<Inserted>, Written<Updated>>
  : ColumnType<Read<Value>, Written<Value>, Written<Value>>

type Inferred = InferKyselyDB<(typeof entities)[number]>

/** Every table by its name, every column by its own. */
export type Tables = { [Table in keyof Inferred]: { [Name in keyof Inferred[Table]]: Column<Inferred[Table][Name]> } }

/** The query builder over these tables, or one of its transactions. */
export type Database = Kysely<Tables>

/** Inside a transaction of `em` it is that transaction's. */
export function kyselyOf(em: SqlEntityManager): Database {
  return em.getKysely<Tables>()
}
