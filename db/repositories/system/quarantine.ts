/** What was rejected five times is set aside whole, so that it holds nobody up and can be looked at. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'

export const attemptsMax = 5

const errorCharactersMax = 2_000

/** Classes of SQLSTATE in which PostgreSQL rejects the data itself. */
const rejectingClasses = ['21', '22', '23', '44', '54', 'P0', 'XX', '0A']

/**
 * Whether PostgreSQL looked at the row and rejected it: trying again without end is pointless. Everything else (no
 * connection, no space, a lock, a restart, a missing table) passes, and then the same row is taken. A fault of our own
 * code says nothing against the row.
 */
export function isRejectedRow(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && rejectingClasses.includes(code.slice(0, 2))
}

/** Whether our own code failed: it fails again on the same exchange until it is mended, and says nothing of others. */
export function isOwnFault(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError
  )
}

export interface Quarantined {
  stage: 'journal' | 'record' | 'workflow'
  exchangeId: string | null
  /** Names it for good, so that what is met again is not set aside again. */
  place: string
  error: unknown
  payload: Buffer | null
}

export async function setAside(
  database: Database,
  { stage, exchangeId, place, error, payload }: Quarantined,
): Promise<void> {
  const uuid =
    exchangeId !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(exchangeId) ? exchangeId : null
  const message = error instanceof Error ? error.message : String(error)
  const words = (isOwnFault(error) ? `a fault of Sinew's own: ${message}` : message)
    .replaceAll('\0', '\ufffd')
    .toWellFormed()
    .slice(0, errorCharactersMax)
  await sql`
    insert into quarantine (id, stage, exchange_id, place, error, payload)
    select ${v7()}::uuid, ${stage}, ${uuid}::uuid, ${place}, ${words}, ${payload}::bytea
    where not exists (select from quarantine where stage = ${stage} and place = ${place})`.execute(database)
}

export async function countQuarantined(database: Database): Promise<number> {
  const { count } = await database
    .selectFrom('quarantine')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
