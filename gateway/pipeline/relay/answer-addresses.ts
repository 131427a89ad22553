/**
 * Addresses of the provider's own inside its answers (`results_url`, next pages, redirects). Clients follow them with
 * the key they have, so they must lead back here: the key is the gateway's, and the provider's is not the caller's.
 */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import { editJson, type JsonEdit } from '../../bytes/json-edit.ts'
import type { Target } from '../../providers/targets.ts'
import type { AnswerHeaders } from '../headers.ts'
import { readHeader } from './answer-headers.ts'

export interface AddressChange extends AnswerTransform {
  /** The answer's headers as its caller gets them. */
  inHeaders(headers: AnswerHeaders): AnswerHeaders
  /** Whether a body with these headers is read at all: JSON, and no file that somebody asked for. */
  reads(headers: AnswerHeaders): boolean
}

/** A larger body is no description of something, and is not collected. */
const maxReadBytes = 16 * 1024 * 1024
const maxEdits = 10_000

/** Where the vendors themselves are: a provider that passes their answers on passes their addresses too. */
const vendors = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com' }

/** `raw`: the call goes to its provider as it is. */
export function createAddressChange(
  target: Pick<Target, 'name' | 'base' | 'dialect' | 'kind'>,
  request: IncomingMessage,
  raw: boolean,
): AddressChange {
  // Nobody knows what a raw call asks for: JSON without a length may be a stream, and that must not wait for its end.
  const mayGrow = !raw || request.method === 'GET'
  const homes = [target.base.href, target.kind.baseUrl ?? vendors[target.dialect]].map((address) => new URL(address))
  const names = new Set([...written, ...(target.kind.namesByAddress ?? [])])
  const ways = homes
    .map(({ host, pathname }) => ({ host, path: pathname.replace(/\/+$/, ''), raw: '' }))
    .flatMap((way) =>
      target.kind.toRawPath === undefined ? [way] : [way, { ...way, path: `/upload${way.path}`, raw: '/upload' }],
    )
  const back = `${readOwnAddress(request)}/providers/${target.name}`

  /** `null` = it is not the provider's. */
  const turn = (text: string, base?: URL): string | null => {
    const url = URL.parse(text, base?.href)
    if (url === null || !/^https?:$/.test(url.protocol)) return null
    const way = ways.find(
      ({ host, path }) => url.host === host && (url.pathname === path || url.pathname.startsWith(`${path}/`)),
    )
    return way === undefined ? null : back + way.raw + url.pathname.slice(way.path.length) + url.search + url.hash
  }

  const json = (body: Buffer): Buffer => {
    if (body.length > maxReadBytes || !ways.some(({ host }) => body.includes(host))) return body
    try {
      const edits = findAddresses(JSON.parse(body.toString('utf8')), turn, names)
      return edits.length === 0 ? body : (editJson(body, edits) ?? body)
    } catch {
      // What is no JSON holds no member.
      return body
    }
  }

  return {
    json,
    stream: () => ({ push: (block) => [block], end: () => [] }),
    inHeaders: (headers) => changeHeaders(headers, (text) => turn(text, target.base)),
    reads: (headers) =>
      request.method !== 'HEAD' &&
      /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(readHeader(headers, 'content-type') ?? '') &&
      headers['content-disposition'] === undefined &&
      hasReadableLength(readHeader(headers, 'content-length'), mayGrow),
  }
}

function hasReadableLength(length: string | null, mayGrow: boolean): boolean {
  return length === null ? mayGrow : Number(length) >= 1 && Number(length) <= maxReadBytes
}

/** Members whose text a person or a model wrote; an address there is a word of theirs. */
const written = new Set(['text', 'content', 'arguments', 'input', 'output', 'output_text', 'instructions', 'metadata'])

function findAddresses(root: unknown, turn: (text: string) => string | null, names: ReadonlySet<string>): JsonEdit[] {
  const edits: JsonEdit[] = []
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (edits.length >= maxEdits) return
    if (typeof value === 'string') {
      const text = /^https?:\/\/\S+$/i.test(value) ? turn(value) : null
      if (text !== null) edits.push({ kind: 'replace', path, text })
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]))
    else if (value !== null && typeof value === 'object')
      for (const [name, member] of Object.entries(value)) if (!names.has(name)) visit(member, [...path, name])
  }
  visit(root, [])
  return edits
}

/** `location` may be relative; of the others only whole addresses are ones, and those between `<` and `>` in `link`. */
function changeHeaders(headers: AnswerHeaders, turn: (text: string) => string | null): AnswerHeaders {
  let changed: Record<string, string | string[] | undefined> | null = null
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue
    const text =
      name === 'link'
        ? value.replace(/<(https?:[^>]*)>/gi, (whole, address: string) => {
            const back = turn(address)
            return back === null ? whole : `<${back}>`
          })
        : name === 'location' || name === 'content-location' || /^https?:\/\/\S+$/i.test(value)
          ? (turn(value) ?? value)
          : value
    if (text !== value) (changed ??= { ...headers })[name] = text
  }
  return changed ?? headers
}

/** As the caller reached it; what a proxy in front says of that counts, because only the caller gets to read it. */
function readOwnAddress({ headers, socket }: IncomingMessage): string {
  const first = (name: string): string | undefined => {
    const value = headers[name]
    return (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim()
  }
  const forwarded = first('x-forwarded-proto')?.toLowerCase()
  const encrypted = (socket as Partial<TLSSocket>).encrypted === true
  const protocol = forwarded === 'http' || forwarded === 'https' ? forwarded : encrypted ? 'https' : 'http'
  const isHost = (text: string | undefined): text is string =>
    text !== undefined && /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(text)
  const host = [first('x-forwarded-host'), headers.host].find(isHost) ?? `${socket.localAddress}:${socket.localPort}`
  return `${protocol}://${host}`
}
