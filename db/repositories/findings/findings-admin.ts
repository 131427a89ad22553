/** What people see and do of findings. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { kyselyOf } from '../../database.ts'
import { listFindings, putAside, type FindingFilter, type FindingItem } from './findings.ts'
import type { Page } from '../page.ts'

export type FindingRepository = ReturnType<typeof createFindingRepository>

export function createFindingRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    list: (filter: FindingFilter, limit: number, cursor: string | null): Promise<Page<FindingItem>> =>
      listFindings(database, filter, limit, cursor),
    putAside: (id: string, person: string): Promise<boolean> => putAside(database, id, person),
  }
}
