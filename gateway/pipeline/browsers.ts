/** Web pages that may call the gateway from a browser: those of `cors.origins`, none by default. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerHeaders } from './headers.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'

/** How long a browser need not ask again. */
const rememberedSeconds = 86_400

export interface Browsers {
  /** Lets the page that is calling read the answer, where it may. */
  admit(origin: string, response: ServerResponse): void
  /** Answers an `OPTIONS`; a refusal is for the caller of this to send. */
  answerOptions(request: IncomingMessage, response: ServerResponse): Refusal | null
}

export function createBrowsers(origins: readonly string[]): Browsers {
  const any = origins.includes('*')
  const allowed = new Set(origins)
  const isAllowed = (origin: string): boolean => any || allowed.has(origin)
  return {
    admit(origin, response) {
      if (origins.length > 0 && !any) response.setHeader('vary', 'origin')
      if (!isAllowed(origin)) return
      response.setHeader('access-control-allow-origin', any ? '*' : origin)
      response.setHeader('access-control-expose-headers', '*')
    },

    answerOptions({ headers }, response) {
      const { origin } = headers
      if (origin !== undefined && !isAllowed(origin)) return refuseOrigin(origins)
      const preflight = headers['access-control-request-method']
      if (origin !== undefined && preflight !== undefined) {
        response.setHeader('access-control-allow-methods', preflight)
        response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*')
        response.setHeader('access-control-max-age', rememberedSeconds)
      }
      response.writeHead(204, { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' }).end()
      return null
    },
  }
}

/** Which pages may read an answer is the gateway's to say: its own words stay, a provider's are for its own callers. */
export function withoutPageWords(headers: AnswerHeaders): AnswerHeaders {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'))
  const { vary } = headers
  return { ...Object.fromEntries(kept), ...(vary !== undefined && { vary: [vary, 'origin'].flat().join(', ') }) }
}

function refuseOrigin(origins: readonly string[]): Refusal {
  return refuse(
    'origin_not_allowed',
    origins.length === 0
      ? 'web pages may not call this gateway: allow yours by cors.origins in its configuration'
      : 'this web page may not call this gateway: its origin is not among cors.origins in the configuration',
  )
}
