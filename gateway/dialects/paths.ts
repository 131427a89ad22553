/**
 * One path for all the ways of writing it. Servers differ in what they decode, fold and cut before they look, so a
 * variant of a generation's path must be that path: else it would pass by the rules, policies and learning.
 */

/** Where OpenAI's and Anthropic's clients begin; a base URL may have lost its `/v1` or have it twice. */
const roots =
  /^\/(?:assistants|audio|batches|chat|complete|completions|containers|conversations|embeddings|evals|feedback|files|fine_tuning|images|messages|models|moderations|realtime|rerank|responses|skills|threads|uploads|vector_stores|videos)(?:\/|$)/

const providers = '/providers/'

/** What stands in front of the query, in any form that HTTP allows a request's target to have. */
export function cutQuery(url: string): string {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/'
}

/**
 * The path that is meant, beginning with `/v1` where it is one of the vendors'. Escapes that say a plain character,
 * slashes too many, and a `/v1` missing, doubled or in capitals make no difference. What stands behind `/providers/` is
 * its provider's and stays as it is.
 */
export function toPlainPath(path: string): string {
  if (path.startsWith(providers)) return path
  const plain = decodePlain(path).replace(/\/{2,}/g, '/')
  if (plain.toLowerCase().startsWith(providers)) return providers + plain.slice(providers.length)
  return withOneV1(plain.length > 1 ? plain.replace(/\/$/, '') : plain)
}

/** For comparing with known endpoints only: what the most lenient server would understand. */
export function toLenientPath(path: string): string {
  let text = path
  for (let round = 0; round < maxEncodings && text.includes('%'); round++) text = decodeAll(text)
  const folded = text
    .toLowerCase()
    .replace(/[\0-\x20\x7f]/g, '')
    .replaceAll('\\', '/')
    .replace(/;[^/]*/g, '')
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '')
  return withOneV1(folded)
}

/** A path that was escaped more often than that nobody undoes. */
const maxEncodings = 3

function withOneV1(path: string): string {
  const behind = path.replace(/^(?:\/v1(?=\/|$))+/i, '')
  return behind !== path || roots.test(behind) ? `/v1${behind}` : path
}

/** Escapes of letters, digits and `-._~` mean what they stand for, everywhere (RFC 3986, 2.3). */
function decodePlain(path: string): string {
  return path.includes('%')
    ? path.replace(/%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/gi, (escape) =>
        String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
      )
    : path
}

function decodeAll(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
}
