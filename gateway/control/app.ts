/** The admin plane's routes, on one screen. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { H3 } from 'h3'
import { authenticate } from './access.ts'
import { compressAnswer } from './compression.ts'
import { openProcedures, type Context } from './init.ts'
import { appRouter } from './router.ts'
import type { Services } from './services.ts'

const maxBatch = 50

/** Scripts, styles and data come from here alone; icons are masks inside the style sheet, hence `data:` for images. */
const securityHeaders: Record<string, string> = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
}

export function createAdminApp(services: Services, pages: (request: Request) => Promise<Response>): H3 {
  const app = new H3()
  app.get('/healthz', () => secure(Response.json({ ok: true })))
  app.all('/trpc/**', async (event) =>
    secure(await compressAnswer(event.req, await handleCall(services, event.req, event.req.ip ?? 'unknown'))),
  )
  app.all('/**', async (event) => secure(await pages(event.req)))
  return app
}

function secure(response: Response): Response {
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value)
  return response
}

async function handleCall(services: Services, request: Request, address: string): Promise<Response> {
  const access = authenticate(request.headers, services.people, services.cookieName, Date.now())
  if (access.person === null && isGuardedStream(new URL(request.url).pathname)) return refuseStream()
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: maxBatch,
    createContext: ({ resHeaders }): Context => ({
      services,
      ...access,
      address,
      requestHeaders: request.headers,
      responseHeaders: resHeaders,
    }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR')
        services.log.error({ err: error, procedure: path }, 'a procedure failed')
    },
  })
}

/** tRPC would open the stream with a 200 and refuse inside of it; clients and people look at the status. */
function isGuardedStream(pathname: string): boolean {
  const path = pathname.slice('/trpc/'.length)
  // At run time the record is flat; its type describes the nested router.
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'subscription' && !openProcedures.has(path)
}

function refuseStream(): Response {
  const error = {
    message: 'sign in, or send Authorization: Bearer <token>',
    code: -32001,
    data: { code: 'UNAUTHORIZED', httpStatus: 401 },
  }
  return Response.json({ error }, { status: 401 })
}
