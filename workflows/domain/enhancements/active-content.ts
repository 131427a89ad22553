/**
 * Links, images, HTML and scripts that a proposal brings in: they would send what an answer holds to somebody's server,
 * or run where the answer is shown. Pure.
 */

const addresses: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s)>\]"'`]+/giu,
  /\bwww\.[^\s)>\]"'`]+/giu,
  /\b(?:javascript|data|vbscript|file|blob):[^\s)>\]"'`]+/giu,
  /(?<![:\w])\/\/[\w-]+(?:\.[\w-]+)+[^\s)>\]"'`]*/giu,
  /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\/[^\s)>\]"'`]*/gu,
  /(?<![@\w.-])(?:[\p{L}\p{N}-]{1,63}\.){1,8}(?:com|net|org|io|example|ru|cn|info|biz|xyz|app|dev|site|online|link|click|top|shop|cloud|invalid|test)\b(?:\/[^\s)>\]"'`]*)?/giu,
]
const images = /!\[[^\]]*\]\s*[([]/gu
const links = /(?<!!)\[[^\]\n]*\]\([^)\n]*\)|^\s*\[[^\]\n]+\]:\s*\S+/gmu
const activeTags =
  /<\s*\/?\s*(?:script|img|image|iframe|frame|a|svg|math|object|embed|applet|link|meta|style|base|video|audio|html|head|body|button|marquee|form|template|noscript|portal|picture|source\s|xml-stylesheet)\b[^>]*>?/giu
/** Tags that fence a text have no attributes; handlers never belong into a prompt. */
const attributes = /<\s*[a-z][\w-]*\s+[\w:-]+\s*=[^>]*>|\bon[a-z]{3,20}\s*=\s*["'\w]/giu

/** What `after` brings in that `before` did not hold; `null` = nothing. */
export function findActiveContent(before: string, after: string): string | null {
  const kinds: [string, readonly RegExp[]][] = [
    ['an image', [images]],
    ['HTML or a script', [activeTags, attributes]],
    ['a link', [links, ...addresses]],
  ]
  for (const [what, patterns] of kinds)
    for (const pattern of patterns) {
      const known = new Set([...before.matchAll(pattern)].map(([match]) => normalize(match)))
      for (const [match] of after.matchAll(pattern))
        if (!known.has(normalize(match))) return `it brings in ${what}: ${match.trim().slice(0, 100)}`
    }
  return null
}

/** Addresses that `before` gives and `after` does not. */
export function findLostAddresses(before: string, after: string): string[] {
  const rest = after.toLowerCase()
  return addresses
    .flatMap((pattern) => [...before.matchAll(pattern)].map(([match]) => normalize(match)))
    .filter((address) => !rest.includes(address))
}

function normalize(match: string): string {
  return match
    .trim()
    .toLowerCase()
    .replace(/[.,;:!?]+$/u, '')
}
