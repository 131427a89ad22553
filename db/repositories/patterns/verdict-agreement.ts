/** How well the rules' verdicts agree with what people say of a pattern's exchanges. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'

/** Of the exchanges that people spoke of. */
export interface VerdictAgreement {
  /** That did not work, and of these those that the rules had called failures. */
  failures: number
  foundFailures: number
  /** That worked, and of these those that the rules had not called failures. */
  successes: number
  keptSuccesses: number
}

/** So many of a pattern's latest exchanges are looked at: what was long ago says little of now. */
const maxExchanges = 10_000

export type VerdictAgreementRepository = ReturnType<typeof createVerdictAgreementRepository>

export function createVerdictAgreementRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    async find(patternId: string): Promise<VerdictAgreement> {
      const { rows } = await sql<VerdictAgreement>`
        select count(*) filter (where verdict = 'failure')::int as failures,
          count(*) filter (where verdict = 'failure' and own_verdict = 'failure')::int as "foundFailures",
          count(*) filter (where verdict = 'success')::int as successes,
          count(*) filter (where verdict = 'success' and own_verdict <> 'failure')::int as "keptSuccesses"
        from (select verdict, own_verdict, outcome_reasons -> 0 ->> 'code' as decided from requests
          where pattern_id = ${patternId}::uuid order by id desc limit ${maxExchanges}) latest
        where own_verdict is not null and decided = 'feedback'`.execute(database)
      return rows[0] ?? { failures: 0, foundFailures: 0, successes: 0, keptSuccesses: 0 }
    },
  }
}
