/**
 * Which feedback this gateway has taken already, so that the same id sent again is answered as known. Kept beside the
 * journal in a file a UTC day, today's and yesterday's; PostgreSQL tells apart what this memory has forgotten.
 */
import { hash } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface KnownFeedback {
  has(team: string, id: string): boolean
  add(team: string, id: string): void
}

/** About 20 MB; the oldest are forgotten first. */
const keptMax = 200_000
const dayMs = 86_400_000
const fileName = /^taken-(\d{8})$/

/** `null` = in memory only. */
export function openKnownFeedback(dataDir: string | null, now: () => number = Date.now): KnownFeedback {
  const folder = dataDir === null ? null : join(dataDir, 'feedback')
  const kept = new Set(folder === null ? [] : load(folder, now()))
  return {
    has: (team, id) => kept.has(toDigest(team, id)),
    add(team, id) {
      const digest = toDigest(team, id)
      kept.add(digest)
      if (kept.size > keptMax) kept.delete(kept.values().next().value as string)
      if (folder === null) return
      try {
        appendFileSync(join(folder, `taken-${toDay(now())}`), `${digest}\n`, { mode: 0o600 })
      } catch {
        // Forgotten at the next start: sent again it is stored once all the same.
      }
    },
  }
}

function load(folder: string, nowMs: number): string[] {
  const lasting = [toDay(nowMs - dayMs), toDay(nowMs)]
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      const day = fileName.exec(name)?.[1]
      if (day !== undefined && !lasting.includes(day)) rmSync(join(folder, name), { force: true })
    }
  } catch {
    return []
  }
  return lasting
    .flatMap((day) => {
      try {
        // The last line may be torn.
        return readFileSync(join(folder, `taken-${day}`), 'utf8')
          .split('\n')
          .slice(0, -1)
      } catch {
        return []
      }
    })
    .slice(-keptMax)
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

function toDigest(team: string, id: string): string {
  return hash('sha256', `${team}\n${id}`, 'base64url')
}
