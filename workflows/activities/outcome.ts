/** From stored exchanges to what their outcome rests on. Reads and asks; the judgement itself is the domain's. */
import type { Database } from '../../db/database.ts'
import { readSignals, type OutcomeSignals } from '../../db/repositories/outcomes/outcomes.ts'
import type { StoredExchange } from '../../db/repositories/outcomes/learning.ts'
import { checkAnswer, readExpectations } from '../domain/outcomes/expectations.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import type { AnswerFault, ExchangeFacts } from '../domain/outcomes/score.ts'
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
  )
  const entries = await Promise.all(
    exchanges.map(async (exchange): Promise<[string, ExchangeFacts]> => {
      const found = signals.get(exchange.id)
      const { status, httpStatus, errorCode, hasText, hasToolCalls, refusal, stopReason, cut, answered } = exchange
      return [
        exchange.id,
        {
          status,
          httpStatus,
          errorCode,
          opaque: wireOf(exchange.endpoint) === null,
          answer: answered ? { hasText, hasToolCalls, refusal, stopReason, cut } : null,
          faults: await findFaults(exchange, found, reread.get(exchange.id) ?? found, schemas),
          askedAgain: found?.askedAgain ?? false,
          judgement: found?.judgement ?? null,
          feedback: found?.feedback ?? [],
        },
      ]
    }),
  )
  return new Map(entries)
}

/** What is missing from an answer that was not kept whole proves nothing, so such an answer has no faults. */
async function findFaults(
  exchange: StoredExchange,
  asked: Pick<OutcomeSignals, 'parameters' | 'tools'> | undefined,
  answered: Answered | undefined,
  schemas: OutcomeDependencies['schemas'],
): Promise<AnswerFault[]> {
  if (answered === undefined || exchange.cut || (answered.content === null && answered.toolCalls === null)) return []
  const { faults, checks } = checkAnswer(readExpectations({ ...asked?.parameters, tools: asked?.tools }), {
    content: answered.content,
    toolCalls: answered.toolCalls ?? [],
  })
  if (schemas === undefined) return faults
  const invalid = await Promise.all(
    checks.map(async ({ schema, value, fault }) => ((await schemas.isValid(schema, value)) === false ? [fault] : [])),
  )
  return [...faults, ...invalid.flat()]
}
