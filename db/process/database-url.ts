import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SinewConfig } from '../words/config.ts'

/** The configured database, else the one that the supervisor of this data folder runs. */
export function findDatabaseUrl({ databaseUrl, dataDir }: Pick<SinewConfig, 'databaseUrl' | 'dataDir'>): string {
  if (databaseUrl !== null) return databaseUrl
  const path = join(dataDir, 'run', 'database-url')
  const running = readIfThere(path)
  if (running !== '') return running
  throw new Error(
    `DATABASE_URL: is not set, and no embedded PostgreSQL runs for ${dataDir} (${path} is missing); set it, or run npm start`,
  )
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
