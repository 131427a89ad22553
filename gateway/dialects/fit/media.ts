import type { FilePart, ImagePart, Media } from '../model.ts'

/** Names that are in use for a type beside its own. */
const otherNames: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'application/x-pdf': 'application/pdf',
}

/** Base64 without the words that say what it is begins in one of these ways. */
const beginnings: ReadonlyArray<readonly [string, string]> = [
  ['JVBERi', 'application/pdf'],
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]
const endings: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/** Under its type's own name; a document that came as a picture is a document, and the other way round. */
export function fitMedia(part: ImagePart | FilePart): ImagePart | FilePart {
  const media = withType(part.media, part.kind === 'file' ? part.name : undefined)
  const type = media.kind === 'url' ? '' : media.mediaType
  if (part.kind === 'image' && (type === 'application/pdf' || type.startsWith('text/'))) {
    const { detail: _, ...rest } = part
    return { ...rest, kind: 'file', media }
  }
  return { ...part, media }
}

function withType(media: Media, name: string | undefined): Media {
  if (media.kind === 'url') return isBase64(media.url) ? fromBareBase64(media.url, name) : media
  const type = media.mediaType.toLowerCase()
  const own = otherNames[type] ?? type
  return own === media.mediaType ? media : { ...media, mediaType: own }
}

/** Addresses have a scheme. */
function isBase64(url: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(url.slice(0, 64)) && /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(url.replaceAll(/\s/g, ''))
}

function fromBareBase64(data: string, name: string | undefined): Media {
  const ending = name?.slice(name.lastIndexOf('.') + 1).toLowerCase() ?? ''
  const type = beginnings.find(([beginning]) => data.startsWith(beginning))?.[1] ?? endings[ending]
  return { kind: 'base64', mediaType: type ?? 'application/octet-stream', data }
}
