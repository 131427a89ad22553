/** Which headers pass, in both directions, and which of them are recorded. Named sets, each with its reason. */
import type { IncomingMessage } from 'node:http'

/** An answer's headers, names in lower case; a header that came several times may be a list. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** They belong to one connection (RFC 9110 7.6.1), or are written anew for the next: lengths and hosts differ there. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
])
/** Written anew by the client of the next connection; `expect` has been answered here. */
const rewritten = new Set(['host', 'content-length', 'expect'])
/** The caller's credentials open this gateway only; cookies were set for it. The provider's key takes their place. */
const credentials = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'])
export const neverPassed: ReadonlySet<string> = credentials
/**
 * What names the caller's network to a stranger, and words between callers and Sinew. `forwarded` is the caller's own
 * to send.
 */
const isPrivate = (name: string): boolean =>
  name.startsWith('x-forwarded-') || name === 'x-real-ip' || name.startsWith('x-sinew-')
/** A record is read by people: a header that may hold a secret is passed, but not recorded. */
const mayBeSecret = (name: string): boolean =>
  /authorization|api-?key|secret|cookie|password|signature|credential|(^|-)token$/.test(name)

interface NameFacts {
  lower: string
  passes: boolean
  recorded: boolean
}

/** Callers send the same few names; a hostile one cannot make this grow. */
const rememberedNames = 2_000

function remember(judge: (lower: string) => boolean): (name: string) => NameFacts {
  const known = new Map<string, NameFacts>()
  return (name) => {
    const found = known.get(name)
    if (found) return found
    const lower = name.toLowerCase()
    const passes = judge(lower)
    const facts = { lower, passes, recorded: passes && !mayBeSecret(lower) }
    if (known.size >= rememberedNames) known.clear()
    known.set(name, facts)
    return facts
  }
}

const requestFacts = remember(
  (name) => !hopByHop.has(name) && !rewritten.has(name) && !credentials.has(name) && !isPrivate(name),
)
/** Cookies of a provider are for Sinew's connection to it; an exchange has one id, ours. */
const answerFacts = remember(
  (name) =>
    !hopByHop.has(name) &&
    name !== 'set-cookie' &&
    name !== 'set-cookie2' &&
    name !== 'x-sinew-exchange' &&
    name !== 'x-sinew-dropped',
)

/** They describe a body that is sent on as another: plain where it came compressed. */
const ofTheEncoding = new Set(['content-encoding', 'content-md5', 'content-digest', 'digest'])

/**
 * Adds the caller's headers to `upstream` (flat) and to `record` as far as they pass; `decoded`: the body came
 * compressed, and goes on plain.
 */
export function passRequestHeaders(
  request: IncomingMessage,
  upstream: string[],
  record: [string, string][],
  decoded = false,
): void {
  const raw = request.rawHeaders
  const named = readConnectionNames(request.headers.connection)
  for (let index = 0; index < raw.length; index += 2) {
    const facts = requestFacts(raw[index] as string)
    if (!facts.passes || named?.has(facts.lower) || (decoded && ofTheEncoding.has(facts.lower))) continue
    const value = raw[index + 1] as string
    upstream.push(raw[index] as string, value)
    if (facts.recorded) record.push([facts.lower, value])
  }
}

/** They describe a body that the caller does not get as it came. */
const ofTheBody = new Set(['content-length', 'content-encoding', 'content-type', 'content-md5', 'digest', 'etag'])

/**
 * Adds the upstream's headers to `answer` (flat) and to `record` as far as they pass; `changed`: the body will be
 * another.
 */
export function passAnswerHeaders(
  headers: AnswerHeaders,
  answer: string[],
  record: [string, string][],
  changed = false,
): void {
  const named = readConnectionNames(headers.connection)
  for (const name in headers) {
    const facts = answerFacts(name)
    if (!facts.passes || named?.has(name) || (changed && ofTheBody.has(name))) continue
    const value = headers[name]
    if (typeof value === 'string') {
      answer.push(name, value)
      if (facts.recorded) record.push([name, value])
    } else if (value !== undefined) {
      for (const single of value) {
        answer.push(name, single)
        if (facts.recorded) record.push([name, single])
      }
    }
  }
}

/** Names that `Connection` declares to be of this connection; `null` in the usual case that there is none. */
function readConnectionNames(connection: string | string[] | undefined): Set<string> | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null
  const text = typeof connection === 'string' ? connection : connection.join(',')
  return new Set(
    text
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
}
