import { sql } from 'kysely'
import type { Database } from './database.ts'

/** The tables that are partitioned by day of their UUIDv7 ids. */
export const partitionedTables = ['requests', 'responses', 'analytics_events'] as const

const dayMs = 86_400_000

/** The smallest UUIDv7 of a moment (ms since 1970): a lower bound for every id made from then on. */
export function toLowestUuid(atMs: number): string {
  const hex = Math.trunc(atMs).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/** The partition of the UTC day that `atMs` falls in. Bounds: `from` inclusive, `to` exclusive. */
export function toPartition(table: string, atMs: number): { name: string; from: string; to: string } {
  const start = Math.floor(atMs / dayMs) * dayMs
  const day = new Date(start).toISOString().slice(0, 10).replaceAll('-', '')
  return { name: `${table}_${day}`, from: toLowestUuid(start), to: toLowestUuid(start + dayMs) }
}

/**
 * Makes the partitions of today and the next `daysAhead` days. A day that already has rows in the default partition
 * stays there: attaching it would have to move them under a lock. Answers the names that could not be made.
 */
export async function ensurePartitions(database: Database, nowMs: number, daysAhead: number): Promise<string[]> {
  const left: string[] = []
  for (const table of partitionedTables) {
    for (let day = 0; day <= daysAhead; day++) {
      const { name, from, to } = toPartition(table, nowMs + day * dayMs)
      try {
        await sql`create table if not exists ${sql.table(name)} partition of ${sql.table(table)} for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(
          database,
        )
      } catch (error) {
        // 23514: the default partition holds rows of that day. 42P07: another learner was faster.
        const code = (error as { code?: string }).code
        if (code !== '23514' && code !== '42P07') throw error
        if (code === '23514') left.push(name)
      }
    }
  }
  return left
}
