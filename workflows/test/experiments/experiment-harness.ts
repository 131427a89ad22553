/**
 * Experiments in a real database: units go through the gateway's own decision, the shipper's own writing and the
 * workflow's own look.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../../db/database.ts'
import {
  createExperimentRepository,
  type ExperimentRepository,
} from '../../../db/repositories/experiments/experiments-admin.ts'
import { insertExposures } from '../../../db/repositories/experiments/exposures.ts'
import type { ExperimentMark, ExperimentSettings } from '../../../db/words/experiment.ts'
import type { Verdict } from '../../../db/words/outcome.ts'
import { assignArm, isExposed, toUnit } from '../../domain/experiments/assignment.ts'
import { settings as defaults } from './settings.ts'

export interface TestExchange {
  session: string
  /** Milliseconds since 1970. */
  at: number
  verdict?: Verdict
  status?: string
  httpStatus?: number
  costUsd?: number | null
  totalMs?: number
  /** False = recorded, but not scored yet. */
  learned?: boolean
  id?: string
}

export interface TestExperiment {
  id: string
  patternId: string
  enhancementId: string
}

export interface Experiments {
  repository: ExperimentRepository
  open(settings?: Partial<ExperimentSettings>, metric?: string): Promise<TestExperiment>
  /** What a gateway decides for a session of this experiment at this moment; `null` = it takes no part. */
  mark(experiment: TestExperiment, session: string): Promise<ExperimentMark | null>
  /**
   * Records exchanges as the shipper does, each with its unit's mark; answers their ids. `outcome` may depend on the
   * arm.
   */
  record(
    experiment: TestExperiment,
    exchanges: TestExchange[],
    outcome?: (arm: 'control' | 'treatment', exchange: TestExchange) => Partial<TestExchange>,
  ): Promise<string[]>
  row(id: string): Promise<Record<string, any>>
}

export function openExperiments(orm: MikroORM, database: Database): Experiments {
  const repository = createExperimentRepository(orm)
  const served = new Map<string, { salt: string; version: number; share: number; controlShare: number }>()

  async function split(id: string) {
    const known = served.get(id)
    if (known) return known
    const { rows } = await sql<{
      salt: string
      version: number
      state: string
      step: number
      settings: ExperimentSettings
    }>`select salt, version, state, step, settings from experiments where id = ${id}::uuid`.execute(database)
    const row = rows[0]
    if (!row) throw new Error('the experiment is there')
    const found = {
      salt: row.salt,
      version: row.version,
      share: row.state === 'promoted' ? 1 : (row.settings.ramp[row.step] ?? 0),
      controlShare: row.state === 'promoted' ? row.settings.holdback : 0.5,
    }
    served.set(id, found)
    return found
  }

  async function mark({ id, patternId }: TestExperiment, session: string): Promise<ExperimentMark | null> {
    const of = await split(id)
    const unit = toUnit({
      team: 'default',
      sessionKey: session,
      endUser: null,
      keyName: 'demo',
      opening: '',
      patternId,
    })
    return isExposed(of, unit) ? { id, version: of.version, unit, arm: assignArm(of, unit) } : null
  }

  return {
    repository,
    mark,

    async open(settings = {}, metric = 'success') {
      const [patternId, enhancementId, id] = [v7(), v7(), v7()]
      await sql`insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen)
        values (${patternId}::uuid, 'default', ${patternId}, 'prompt', 'A pattern', '{"system":null,"template":"{{input}}"}', now(), now())`.execute(
        database,
      )
      await sql`insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, mode, original_prompt, enhanced_prompt, source)
        values (${enhancementId}::uuid, ${patternId}::uuid, 1, 'template', 'approved', 'experiment', '{"system":null,"template":"{{input}}"}', '{"system":"Be brief.","template":null}', 'test')`.execute(
        database,
      )
      await repository.create({
        id,
        enhancementId,
        metric,
        settings: { ...defaults, ...settings },
        model: null,
        hypothesis: null,
        person: 'tester',
      })
      const started = await repository.act(id, 'tester', () => ({ to: 'ramping', cause: 'started' }), {
        kind: 'start',
        workflowId: `experiment/${id}`,
        name: 'experiment',
        argument: { experimentId: id },
      })
      if (started.kind !== 'done') throw new Error(`it starts, not ${started.kind}`)
      return { id, patternId, enhancementId }
    },

    async record(experiment, exchanges, outcome = () => ({})) {
      served.delete(experiment.id)
      const rows: (TestExchange & { id: string; mark: ExperimentMark | null })[] = []
      for (const exchange of exchanges) {
        const found = await mark(experiment, exchange.session)
        rows.push({
          ...exchange,
          ...(found ? outcome(found.arm, exchange) : {}),
          id: exchange.id ?? v7({ msecs: exchange.at }),
          mark: found,
        })
      }
      const records = rows.map(
        ({
          id,
          at,
          verdict = 'success',
          status = 'ok',
          httpStatus = 200,
          costUsd = null,
          totalMs = 100,
          learned = true,
        }) => ({
          id,
          at: new Date(at).toISOString(),
          verdict: learned ? verdict : null,
          status,
          http: httpStatus,
          cost: costUsd,
          ms: totalMs,
          learned,
        }),
      )
      await database.transaction().execute(async (transaction) => {
        await sql`
          with r as (select * from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as r(id uuid, at timestamptz, verdict text, status text, http integer, cost double precision, ms double precision, learned boolean)),
          kept as (
            insert into requests (id, created_at, team, key_name, dialect, endpoint, stream, request_bytes, status, http_status, timings, finished_at, pattern_id, verdict, outcome_score, learned_at, workflow_started_at)
            select id, at, 'default', 'demo', 'openai', '/v1/chat/completions', false, 1, status, http, jsonb_build_object('totalMs', ms), at, ${experiment.patternId}::uuid, verdict,
              case verdict when 'success' then 1 when 'failure' then 0 end, case when learned then at end, at
            from r on conflict (id) do nothing
          )
          insert into responses (id, created_at, status_code, streaming, cost_usd, body_bytes) select id, at, http, false, cost, 0 from r on conflict (id) do nothing`.execute(
          transaction,
        )
        await insertExposures(
          transaction,
          rows.map(({ id, at, mark: experimentMark }) => ({
            id,
            created_at: new Date(at).toISOString(),
            provider: 'mock',
            model: 'm',
            experiment: experimentMark,
          })),
        )
      })
      return rows.map(({ id }) => id)
    },

    async row(id) {
      const { rows } = await sql<Record<string, any>>`select * from experiments where id = ${id}::uuid`.execute(
        database,
      )
      return rows[0] ?? {}
    },
  }
}
