/** From stored exchanges to what their outcome rests on. Reads and asks; the judgement itself is the domain's. */
import type { Database } from '../../db/database.ts'
import { readSignals, type OutcomeSignals } from '../../db/repositories/outcomes/outcomes.ts'
import type { StoredExchange } from '../../db/repositories/outcomes/learning.ts'
import { examineAnswer, type Examined } from '../domain/outcomes/examine.ts'
import { expectationMembers, readExpectations } from '../domain/outcomes/expectations.ts'
import { settleFaults, type OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import type { ExchangeFacts } from '../domain/outcomes/score.ts'
import { wireOf } from '../domain/exchanges/wire.ts'

/** An answer that was read again replaces what was stored of it. */
export type Answered = Pick<OutcomeSignals, 'content' | 'toolCalls'>

/** For exchanges that the transaction has locked. */
export async function gatherFacts(
  transaction: Database,
  { schemas }: OutcomeDependencies,
  exchanges: StoredExchange[],
  reread: ReadonlyMap<string, Answered> = new Map(),
): Promise<Map<string, ExchangeFacts>> {
  const signals = await readSignals(
    transaction,
    exchanges.map(({ id }) => id),
    expectationMembers,
  )
  const entries = await Promise.all(
    exchanges.map(async (exchange): Promise<[string, ExchangeFacts]> => {
      const found = signals.get(exchange.id)
      const { status, httpStatus, errorCode, failure, answered } = exchange
      const examined = answered ? examine(exchange, found, reread.get(exchange.id)) : null
      return [
        exchange.id,
        {
          status,
          httpStatus,
          errorCode,
          failure,
          opaque: wireOf(exchange.endpoint) === null,
          answer: examined?.answer ?? null,
          faults: examined === null ? [] : await settleFaults(examined, schemas),
          nextTurn: found?.nextTurn ?? null,
          judgement: found?.judgement ?? null,
          feedback: found?.feedback ?? [],
        },
      ]
    }),
  )
  return new Map(entries)
}

function examine(
  { hasMedia, refusal, stopReason, cut }: StoredExchange,
  found: OutcomeSignals | undefined,
  reread: Answered | undefined,
): Examined {
  const asked = readExpectations({ ...found?.parameters, tools: found?.tools })
  const { content, toolCalls } = reread ?? found ?? { content: null, toolCalls: null }
  return examineAnswer(
    { ...asked, system: found?.system ?? null, latest: found?.latest ?? null },
    {
      content,
      shortened: reread === undefined && found?.shortened === true,
      toolCalls: toolCalls ?? [],
      hasMedia,
      stopReason,
      refusal,
      cut,
    },
  )
}
