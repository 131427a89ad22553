/** What a process says of itself, for the control process to show. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toJsonb } from '../jsonb.ts'

export async function reportState(database: Database, name: string, state: Record<string, unknown>): Promise<void> {
  await sql`
    insert into process_states (name, state, seen_at) values (${name}, ${toJsonb(state)}::jsonb, now())
    on conflict (name) do update set state = excluded.state, seen_at = excluded.seen_at`.execute(database)
}
