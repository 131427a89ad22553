/** From a request to the person behind it: a bearer token for programs, a cookie for browsers. */
import type { People, Person } from './people.ts'

/** Browsers send a host's cookies to each of its ports, so the name carries the port. */
export function toCookieName(port: number): string {
  return `sinew-admin-${port}`
}

export const sessionMs = 7 * 86_400_000

export interface Access {
  person: Person | null
  /** Whether the browser vouched for the person, which a foreign page could make it do. */
  byCookie: boolean
}

export function authenticate(headers: Headers, people: People, cookieName: string, nowMs: number): Access {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    return { person: token === undefined ? null : people.identify(token), byCookie: false }
  }
  const value = readCookie(headers.get('cookie'), cookieName)
  const person = value === null ? null : people.open(value, nowMs)
  return { person, byCookie: person !== null }
}

/**
 * Whether the page that sent the request is our own. Says yes only on evidence: browsers send at least one of the two.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = headers.get('origin')
  return origin !== null && URL.canParse(origin) && new URL(origin).host === headers.get('host')
}

export function toSessionCookie(name: string, value: string, maxAgeMs: number): string {
  return `${name}=${value}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; SameSite=Strict`
}

function readCookie(header: string | null, name: string): string | null {
  for (const part of header?.split(';') ?? []) {
    const [key, ...value] = part.split('=')
    if (key?.trim() === name) return value.join('=').trim()
  }
  return null
}
