/** Which pattern an exchange counts for: the learned template that explains its prompt, else the prompt's opening. */
import type { Database } from '../../db/database.ts'
import type { Judgement, StoredExchange } from '../../db/repositories/outcomes/learning.ts'
import { findReadings } from '../../db/repositories/exchanges/readings.ts'
import { ensureOpenings, findOpenings } from '../../db/repositories/patterns/openings.ts'
import { toOpening } from '../domain/patterns/opening.ts'

interface Judged {
  exchange: StoredExchange
  judgement: Pick<Judgement, 'verdict'>
}

/**
 * By the exchange's id; those without a prompt are not there. Nothing waits for a template: where none is known yet,
 * the miner moves the exchange later.
 */
export async function assignPatterns(transaction: Database, judged: Judged[]): Promise<Map<string, string>> {
  const openingOf = await findOrMakeOpenings(
    transaction,
    judged.flatMap(({ exchange }) => (exchange.minedPatternId === null ? [exchange] : [])),
  )
  const assigned = new Map<string, string>()
  for (const { exchange } of judged) {
    const patternId = exchange.minedPatternId ?? openingOf(exchange)
    if (patternId !== null) assigned.set(exchange.id, patternId)
  }
  return assigned
}

/** What was read of a prompt is fetched only where its opening is new. */
async function findOrMakeOpenings(
  transaction: Database,
  exchanges: StoredExchange[],
): Promise<(exchange: StoredExchange) => string | null> {
  const named = exchanges.flatMap((exchange) =>
    exchange.openingHash === null ? [] : [{ exchange, team: exchange.patternTeam, hash: exchange.openingHash }],
  )
  const known = await findOpenings(transaction, named)
  const missing = named.filter(({ team, hash }) => known(team, hash) === null)
  if (missing.length === 0) return ({ patternTeam, openingHash }) => openingHash && known(patternTeam, openingHash)
  const readings = await findReadings(
    transaction,
    missing.map(({ exchange }) => exchange.id),
  )
  const made = await ensureOpenings(
    transaction,
    missing.flatMap(({ exchange, team }) => {
      const reading = readings.get(exchange.id)
      const opening = reading === undefined ? null : toOpening(reading.system, reading.user)
      return opening === null ? [] : [{ team, opening, seenAt: exchange.createdAt }]
    }),
  )
  return ({ patternTeam, openingHash }) =>
    openingHash && (known(patternTeam, openingHash) ?? made(patternTeam, openingHash))
}
