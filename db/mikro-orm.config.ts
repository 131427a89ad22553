import { Migrator } from '@mikro-orm/migrations'
import { defineConfig } from '@mikro-orm/postgresql'
import { TypeOverrides, type Pool } from 'pg'
import { entities } from './database.ts'
import { Initial } from './migrations/0001-initial.ts'

/** Entities and migrations are named one by one: nothing is found by scanning folders. */
export function createOrmConfig(databaseUrl: string) {
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [...entities],
    extensions: [Migrator],
    migrations: {
      migrationsList: [{ name: '0001-initial', class: Initial }],
      snapshot: false,
      silent: true,
    },
    forceUtcTimezone: true,
    // A stopped server hangs its clients for ever: waiting for a connection and for an answer both have an end.
    driverOptions: {
      connectionTimeoutMillis: 5_000,
      query_timeout: 60_000,
      keepAlive: true,
      onPoolCreated: readCounts,
    },
    pool: { min: 0, max: 8, idleTimeoutMillis: 30_000 },
  })
}

/** PostgreSQL's bigint. */
const bigintOid = 20

/** Counts arrive as numbers, as the entities say: none of ours comes near 2^53. */
function readCounts(pool: Pool): void {
  const { types } = pool.options
  if (!(types instanceof TypeOverrides)) throw new Error('the pool reads values in a way of its own')
  types.setTypeParser(bigintOid, Number)
}
