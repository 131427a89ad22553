/** What gateways read of learned patterns. Plain SQL on `pg`: the gateway's process does without an ORM. */
import type { Pool } from 'pg'

/** The version of every team's set. */
export async function readSetVersions(connection: Pick<Pool, 'query'>): Promise<Map<string, string>> {
  const { rows } = await connection.query<{ team: string; version: string }>(
    'select team, set_version::text as version from pattern_miners where pattern_set is not null',
  )
  return new Map(rows.map(({ team, version }) => [team, version]))
}

export async function readPatternSet(
  connection: Pick<Pool, 'query'>,
  team: string,
): Promise<{ version: string; set: Buffer } | null> {
  const { rows } = await connection.query<{ version: string; set: Buffer }>(
    'select set_version::text as version, pattern_set as set from pattern_miners where team = $1 and pattern_set is not null',
    [team],
  )
  return rows[0] ?? null
}
