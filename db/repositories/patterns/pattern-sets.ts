/**
 * A team's patterns as gateways identify by them: made by its miner, read by every gateway. Lines of JSON,
 * compressed, so that it can be read in pieces.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'

const compress = promisify(gzip)

/** Beyond them the least frequent are left out: their prompts go unidentified, and are learned from all the same. */
const templatesMax = 10_000
const openingsMax = 10_000
const charactersMax = 16_000_000
/** An opening that so few prompts have in common is no pattern to go by. */
const openingExchangesMin = 4
const openingsALine = 1_000

/** Does nothing where nothing changed. */
export async function publishPatternSet(database: Database, team: string): Promise<void> {
  const lines = [...(await readTemplates(database, team)), ...(await readOpenings(database, team))]
  const set = await compress(lines.join('\n'), { level: 1 })
  const { rows } = await sql`
    update pattern_miners set pattern_set = ${set}, set_version = set_version + 1 where team = ${team} and pattern_set is distinct from ${set} returning team`.execute(
    database,
  )
  // Nobody waits for the answer.
  if (rows.length > 0) await notifyOnCommit(database, 'sinew_snapshot', '')
}

async function readTemplates(database: Database, team: string): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select jsonb_build_object('id', coalesce(merged_into, id), 'templates', templates)::text as line from prompt_patterns
    where team = ${team} and source = 'learned' and templates is not null and state <> 'retired'
    order by frequency desc, id limit ${templatesMax}`.execute(database)
  const lines: string[] = []
  let characters = 0
  for (const { line } of rows) {
    characters += line.length
    if (characters > charactersMax) break
    lines.push(line)
  }
  return lines
}

async function readOpenings(database: Database, team: string): Promise<string[]> {
  const { rows } = await sql<{ hash: string; id: string }>`
    select pattern_hash as hash, coalesce(merged_into, id) as id from prompt_patterns
    where team = ${team} and source = 'opening' and (frequency >= ${sql.lit(openingExchangesMin)} or merged_into is not null)
    order by last_seen desc, id limit ${openingsMax}`.execute(database)
  const lines: string[] = []
  for (let at = 0; at < rows.length; at += openingsALine)
    lines.push(JSON.stringify({ openings: rows.slice(at, at + openingsALine).map(({ hash, id }) => [hash, id]) }))
  return lines
}
