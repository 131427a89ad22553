/**
 * tRPC, set up once. Authentication is the default: `procedure` and `stored` ask for a person, `open` is for the named
 * exceptions.
 */
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { isSameOrigin } from './access.ts'
import { isConnectionError, unavailable } from './database.ts'
import type { Person } from './people.ts'
import type { Services } from './services.ts'

export interface Context {
  services: Services
  person: Person | null
  byCookie: boolean
  address: string
  requestHeaders: Headers
  responseHeaders: Headers
}

/** The only procedures that answer without a person. */
export const openProcedures: ReadonlySet<string> = new Set(['session.signIn', 'session.me'])

const t = initTRPC.context<Context>().create({
  isDev: false,
  sse: {
    // Browsers notice a dead connection by the missing ping; a stream ends now and then, so that a lost session does
    // not live on.
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
    maxDurationMs: 600_000,
  },
  errorFormatter({ shape, error }) {
    if (error.code === 'INTERNAL_SERVER_ERROR')
      return { ...shape, message: 'something went wrong here; the log of control says what' }
    if (error.cause instanceof ZodError) return { ...shape, message: toFieldMessages(error.cause).join('; ') }
    return shape
  },
})

export const router = t.router

/** Errors as the caller should see them: PostgreSQL's absence is no fault of ours, anything unknown is. */
const honest = t.middleware(async ({ next }) => {
  const result = await next()
  if (!result.ok && isConnectionError(result.error))
    throw unavailable('PostgreSQL went away during the call; try again', result.error)
  return result
})

const sameOrigin = t.middleware(async ({ ctx, type, next }) => {
  if (type === 'mutation' && ctx.byCookie && !isSameOrigin(ctx.requestHeaders)) {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'a change by cookie must come from the admin itself' })
  }
  return next()
})

const authenticated = t.middleware(async ({ ctx, next }) => {
  if (ctx.person === null)
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'sign in, or send Authorization: Bearer <token>' })
  return next({ ctx: { ...ctx, person: ctx.person } })
})

const databaseAnswers = t.middleware(async ({ ctx, type, next }) => {
  await ctx.services.database.requireAnswer()
  return type === 'subscription' ? next() : ctx.services.database.whileItAnswers(next())
})

export const open = t.procedure.use(honest).use(sameOrigin)
export const procedure = open.use(authenticated)
/** Needs PostgreSQL. */
export const stored = procedure.use(databaseAnswers)

/** `limit: Too big: expected number to be <=200`: each message names its field. */
function toFieldMessages(error: ZodError): string[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${at ? `${at}.${key}` : key}: is not a known field`)
    return [`${at || 'input'}: ${issue.message}`]
  })
}
