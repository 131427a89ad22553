/**
 * The miners' side of learning: who mines a team at present, which exchanges wait for it, and what its miner remembers.
 *
 * A team has one owner at a time. The lease says whose turn it is; the row's lock and the sequence, looked at again in
 * every transaction that writes (`fence`), make a second writer impossible, however long a process may have slept.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'

export interface Claimed {
  /** Exchanges taken so far. */
  sequence: number
  snapshotSequence: number
}

/** Somebody else learns this team now: what this process holds of it is worth nothing any more. */
export class Fenced extends Error {
  constructor(team: string) {
    super(`the team ${team} is learned by another process now`)
  }
}

/** Teams that have something to do. By steps through the index: it costs the same however much of each waits. */
export async function findWaitingTeams(database: Database): Promise<string[]> {
  // Raw: the walk from team to team through the index is a recursion with a subquery of its own.
  const { rows } = await sql<{ team: string }>`
    with recursive waiting as (
      (select team from pattern_queue where sequence is null order by team limit 1)
      union all
      select (select q.team from pattern_queue q where q.sequence is null and q.team > w.team order by q.team limit 1) from waiting w where w.team is not null
    )
    select team from waiting where team is not null
    union select distinct team from pattern_reviews
    union select distinct team from pattern_decisions where applied_at is null`.execute(database)
  return rows.map(({ team }) => team)
}

/** `null` = it is another one's turn. */
export async function claimTeam(
  database: Database,
  team: string,
  owner: string,
  leaseMs: number,
): Promise<Claimed | null> {
  // Raw: a conflict that updates only where the lease allows it.
  const { rows } = await sql<Claimed>`
    insert into pattern_miners as l (team, owner, owned_until) values (${team}, ${owner}::uuid, now() + make_interval(secs => ${leaseMs / 1000}))
    on conflict (team) do update set owner = excluded.owner, owned_until = excluded.owned_until
    where l.owner = excluded.owner or l.owner is null or l.owned_until < now()
    returning sequence, snapshot_sequence as "snapshotSequence"`.execute(database)
  return rows[0] ?? null
}

/** The next one may begin at once. */
export async function releaseTeams(database: Database, owner: string): Promise<void> {
  await database.updateTable('pattern_miners').set({ owner: null }).where('owner', '=', owner).execute()
}

/**
 * Holds the team for the rest of the transaction; throws when it is not this owner's, or not where it believes it is.
 */
export async function fence(transaction: Database, team: string, owner: string, sequence: number): Promise<void> {
  const row = await transaction
    .selectFrom('pattern_miners')
    .select('sequence')
    .where('team', '=', team)
    .where('owner', '=', owner)
    .forUpdate()
    .executeTakeFirst()
  if (row?.sequence !== sequence) throw new Fenced(team)
}

export interface Queued {
  position: string
  exchangeId: string
  /** It was given up: learning from it failed every time. */
  skipped: boolean
}

/** The next ones, in the order of ingestion. */
export async function findQueued(database: Database, team: string, limit: number): Promise<Queued[]> {
  const { rows } = await sql<Queued>`
    select q.position::text as position, q.exchange_id as "exchangeId", q.skipped from pattern_queue q where q.team = ${team} and q.sequence is null order by q.position limit ${limit}`.execute(
    database,
  )
  return rows
}

/** What was taken after that place, in the order in which it was. */
export async function findTaken(
  database: Database,
  team: string,
  after: number,
  limit: number,
): Promise<(Queued & { sequence: number })[]> {
  const { rows } = await sql<Queued & { sequence: string }>`
    select q.position::text as position, q.exchange_id as "exchangeId", q.skipped, q.sequence::text as sequence from pattern_queue q
    where q.team = ${team} and q.sequence > ${after} order by q.sequence limit ${limit}`.execute(database)
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }))
}

/** Gives them their places behind the team's sequence. */
export async function markTaken(transaction: Database, team: string, sequence: number, taken: Queued[]): Promise<void> {
  await sql`
    update pattern_queue q set sequence = ${sequence}::bigint + t.place
    from unnest(${taken.map(({ position }) => position)}::bigint[]) with ordinality as t(position, place) where q.position = t.position`.execute(
    transaction,
  )
  await sql`update pattern_miners set sequence = ${sequence + taken.length}, updated_at = now() where team = ${team}`.execute(
    transaction,
  )
}

export async function skipQueued(database: Database, position: string): Promise<void> {
  await database
    .updateTable('pattern_queue')
    .set({ skipped: true })
    .where('position', '=', sql<number>`${position}::bigint`)
    .execute()
}

export async function readSnapshot(
  database: Database,
  team: string,
): Promise<{ snapshot: Uint8Array | null; sequence: number }> {
  const row = await database
    .selectFrom('pattern_miners')
    .select(['snapshot', 'snapshot_sequence as sequence'])
    .where('team', '=', team)
    .executeTakeFirst()
  return row ?? { snapshot: null, sequence: 0 }
}

/** What was taken up to here needs no second reading. In a fenced transaction. */
export async function writeSnapshot(
  transaction: Database,
  team: string,
  sequence: number,
  snapshot: Uint8Array,
): Promise<void> {
  await sql`update pattern_miners set snapshot = ${Buffer.from(snapshot)}, snapshot_sequence = ${sequence}, updated_at = now() where team = ${team}`.execute(
    transaction,
  )
  await transaction.deleteFrom('pattern_queue').where('team', '=', team).where('sequence', '<=', sequence).execute()
}
