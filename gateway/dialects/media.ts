import type { Media } from './model.ts'

/** `data:` URLs carry what other dialects put into separate members. Anything else is an address. */
export function toMedia(url: string): Media {
  const match = /^data:([^;,]*)((?:;[^;,]*)*),/i.exec(url.slice(0, 1_024))
  if (match === null) return { kind: 'url', url }
  const mediaType = match[1] === '' || match[1] === undefined ? 'text/plain' : match[1]
  const data = url.slice(match[0].length)
  if (/;base64$/i.test(match[2] ?? '')) return { kind: 'base64', mediaType, data }
  return { kind: 'text', mediaType, text: decoded(data) }
}

export function toUrl(media: Media): string {
  if (media.kind === 'url') return media.url
  if (media.kind === 'base64') return `data:${media.mediaType};base64,${media.data}`
  return `data:${media.mediaType};base64,${Buffer.from(media.text, 'utf8').toString('base64')}`
}

/** Types that are text although their names do not begin so. */
const textTypes =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|typescript|sql|toml|x-sh)\b)|\+(?:json|xml)$/

/** Anthropic takes plain text as text, not as base64; bytes that are not UTF-8 stay base64. */
export function textOf(media: Media): string | undefined {
  if (media.kind === 'text') return media.text
  if (media.kind !== 'base64' || !textTypes.test(media.mediaType) || media.mediaType.startsWith('image/'))
    return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(media.data, 'base64'))
  } catch {
    return undefined
  }
}

/** OpenAI's dialects want a name beside the bytes of a file, and read its type off the ending. */
export function toFileName(name: string | undefined, media: Media): string {
  const type = media.kind === 'url' ? '' : media.mediaType
  const ending = type === 'application/pdf' ? 'pdf' : type.startsWith('text/') ? 'txt' : undefined
  if (name === undefined || name === '') return `file.${ending ?? 'bin'}`
  return ending === 'pdf' && !/\.pdf$/i.test(name) ? `${name}.pdf` : name
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
