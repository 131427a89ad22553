/**
 * Whether PostgreSQL answers at this moment: asked before each procedure that needs it, so that nobody waits for a dead
 * server.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { TRPCError } from '@trpc/server'
import { createSystemRepository } from '../../db/repositories/system/system.ts'

export interface Database {
  /** Throws SERVICE_UNAVAILABLE within `pingTimeoutMs` when PostgreSQL is away or not prepared yet. */
  requireAnswer(): Promise<void>
  /**
   * Waits for `work`, but only for as long as PostgreSQL is there: one that falls silent meanwhile is noticed within 3
   * s.
   */
  whileItAnswers<T>(work: Promise<T>): Promise<T>
  /** Called once the schema is there. */
  markPrepared(): void
}

const pingTimeoutMs = 1_500
/** An answer this young speaks for the next question too. */
const trustMs = 500
/** Work that takes longer than this is looked after. */
const watchMs = 800
/** However well PostgreSQL answers, a page waits no longer than this for one query. */
const workMostMs = 15_000

export function createDatabase(orm: MikroORM): Database {
  const system = createSystemRepository(orm)
  let prepared = false
  let answeredAt = -Infinity
  let asking: Promise<void> | null = null

  async function ask(): Promise<void> {
    await withTimeout(system.ping(), pingTimeoutMs)
    answeredAt = performance.now()
  }

  async function requireAnswer(): Promise<void> {
    if (performance.now() - answeredAt >= trustMs) {
      asking ??= ask().finally(() => (asking = null))
      try {
        await asking
      } catch (cause) {
        throw unavailable('PostgreSQL does not answer; what it holds cannot be shown until it is back', cause)
      }
    }
    if (!prepared) throw unavailable('the database is being prepared; try again in a moment')
  }

  return {
    requireAnswer,
    async whileItAnswers(work) {
      const done = work.then(
        () => true,
        () => true,
      )
      const endsAt = performance.now() + workMostMs
      while (!(await withTimeout(done, watchMs).catch(() => false))) {
        await requireAnswer()
        if (performance.now() > endsAt) throw unavailable('PostgreSQL took too long to answer')
      }
      return work
    },
    markPrepared() {
      prepared = true
    },
  }
}

/** Errors that say "PostgreSQL went away", as opposed to errors in what it was asked. */
export function isConnectionError(error: unknown): boolean {
  const seen = new Set<unknown>()
  for (let at = error; typeof at === 'object' && at !== null && !seen.has(at); at = 'cause' in at ? at.cause : null) {
    seen.add(at)
    const code = 'code' in at ? String(at.code) : ''
    if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|57P0|08|53300)/.test(code)) return true
    if (
      'message' in at &&
      /Connection terminated|timeout exceeded when trying to connect|Query read timeout/.test(String(at.message))
    )
      return true
  }
  return false
}

export function unavailable(message: string, cause?: unknown): TRPCError {
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause })
}

export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  })
  // The loser of the race may still fail; nobody is left to hear it.
  promise.catch(() => {})
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
