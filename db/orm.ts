import { MikroORM } from '@mikro-orm/postgresql'
import { Client } from 'pg'
import { createOrmConfig } from './mikro-orm.config.ts'

/** Any constant will do, as long as nobody else on this database uses it. */
const migrationLock = 7_316_883

/** Opens the database without talking to it yet: the first query connects. Close it with `orm.close()`. */
export async function openOrm(databaseUrl: string): Promise<MikroORM> {
  return MikroORM.init(createOrmConfig(databaseUrl))
}

/**
 * Brings the schema up to date. Safe from several processes at once: one holds the lock and migrates, the others wait
 * and find nothing left to do. Throws when PostgreSQL cannot be reached.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const lock = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  // A connection that breaks while the lock is held surfaces in the query that waits, not as an unhandled event.
  lock.on('error', () => {})
  await lock.connect()
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock])
    const orm = await openOrm(databaseUrl)
    try {
      await orm.migrator.up()
    } finally {
      await orm.close()
    }
  } finally {
    await lock.end()
  }
}
