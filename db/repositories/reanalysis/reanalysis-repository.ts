/** What the control process does with reanalyses, over one connection pool. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { kyselyOf } from '../../database.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import type { OutgoingCommand } from '../commands/outgoing-commands.ts'
import { askReanalysis, retryReanalysis, startReanalysis } from './ask-reanalysis.ts'
import { measureSelection } from './reanalysis-estimate.ts'
import { listFailures } from './reanalysis-failures.ts'
import { findReanalysis, listReanalyses, type ReanalysisItem } from './reanalysis-items.ts'
import type { Thresholds } from './reanalysis-proposals.ts'

export type ReanalysisRepository = ReturnType<typeof createReanalysisRepository>

type ToCommand = (item: ReanalysisItem) => OutgoingCommand

export function createReanalysisRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    find: (id: string) => findReanalysis(database, id),
    list: (limit: number, cursor: string | null) => listReanalyses(database, limit, cursor),
    start: (wish: Parameters<typeof startReanalysis>[1], command: OutgoingCommand) =>
      startReanalysis(database, wish, command),
    ask: (id: string, toCommand: ToCommand) => askReanalysis(database, id, toCommand),
    retry: (id: string, toCommand: ToCommand) => retryReanalysis(database, id, toCommand),
    failures: (id: string, limit: number, cursor: string | null) => listFailures(database, id, limit, cursor),
    measure: (filter: ExchangeFilter, thresholds: Thresholds) => measureSelection(database, filter, thresholds),
  }
}
