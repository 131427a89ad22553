/**
 * What a person would say a body means, whatever its dialect. This code shares nothing with the adapters on purpose: a
 * mistake on one side must not hide on the other. Numbers keep their text: in `parseKept` every number is a string
 * behind a mark.
 */
export type Kept = null | boolean | string | Kept[] | { [key: string]: Kept }

const mark = '\u0001'
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

export function parseKept(text: string): Kept {
  return JSON.parse(text.replace(tokens, (token) => (token.startsWith('"') ? token : `"\\u0001${token}"`))) as Kept
}

/**
 * JSON as a comparable text: white space and escapes do not count, number texts and order do. Invalid JSON stands for
 * itself.
 */
export function canonicalJson(text: string): string {
  try {
    return JSON.stringify(parseKept(text))
  } catch {
    return `invalid:${text}`
  }
}

export function canonicalArguments(value: Kept | undefined): string {
  if (typeof value === 'string' && !value.startsWith(mark)) return canonicalJson(value.trim() === '' ? '{}' : value)
  return JSON.stringify(value ?? {})
}

export function record(value: Kept | undefined): Record<string, Kept> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
export function items(value: Kept | undefined): Kept[] {
  return Array.isArray(value) ? value : []
}
export function string(value: Kept | undefined): string | undefined {
  return typeof value === 'string' && !value.startsWith(mark) ? value : undefined
}
export function count(value: Kept | undefined): number | undefined {
  return typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(1)) : undefined
}

/** Empty values say nothing: a member that is one may be left out. */
export function empty(value: Kept | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  )
}

/** One thing that was said, and where. */
export interface Said {
  readonly kind:
    | 'text'
    | 'tool'
    | 'result'
    | 'image'
    | 'file'
    | 'audio'
    | 'reasoning'
    | 'proof'
    | 'citation'
    | 'logprobs'
    | 'failed'
    | 'foreign'
    | 'definition'
  readonly value: string
  readonly path: string
  readonly role?: string
  /** A text that says why nothing else is said. */
  readonly refusal?: boolean
  /** A call whose arguments are free text, or what it returned. */
  readonly custom?: boolean
  /** A document of plain text, as words. */
  readonly asText?: string
}

export interface UsageReading {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning: number
}

export interface AnswerReading {
  readonly said: readonly Said[]
  /** end, tool, length, refusal, pause, stop-sequence; undefined while the answer has not ended. */
  readonly stop: string | undefined
  readonly usage: UsageReading | undefined
  readonly error: { readonly type: string; readonly message: string } | undefined
}

export interface RequestReading {
  readonly model: string
  readonly stream: boolean
  readonly said: readonly Said[]
  readonly definitions: readonly Said[]
  readonly settings: Readonly<Record<string, { readonly value: string; readonly path: string }>>
}

export function foreign(object: Record<string, Kept>, known: readonly string[], path: string): Said[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key) && !empty(object[key]))
    .map((key) => ({ kind: 'foreign', value: key, path: path === '' ? key : `${path}.${key}` }))
}

/** The events of a whole SSE text: blocks between blank lines, their `data:` lines joined. */
export function sseData(text: string): string[] {
  return text
    .replace(/^\u{feff}/u, '')
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((block) =>
      block
        .split(/\r\n|\n|\r/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n'),
    )
    .filter((data) => data !== '')
}

/** The events that can be read, and whether some could not: such a stream is no whole answer. */
export function sseEvents(text: string): { events: Array<Record<string, Kept>>; damaged: boolean; done: boolean } {
  const events: Array<Record<string, Kept>> = []
  let damaged = false
  let done = false
  for (const data of sseData(text)) {
    if (data === '[DONE]') done = true
    else {
      try {
        events.push(record(parseKept(data)))
      } catch {
        damaged = true
      }
    }
  }
  return { events, damaged, done }
}

/** Images and files by their bytes or their address: a data URL, a base64 member and a text member may say the same. */
export function media(url: string): string {
  const match = /^data:([^;,]*)(?:;[^,]*)?,/.exec(url.slice(0, 500))
  if (match === null) return url
  const body = url.slice(match[0].length)
  return mediaBytes(
    match[1] ?? '',
    match[0].includes(';base64') ? body : Buffer.from(decodeURIComponent(body)).toString('base64'),
  )
}
/** A document of plain text as words, for a dialect that has texts and no such documents. */
export function documentText(url: string, words: readonly (string | undefined)[]): { asText?: string } {
  const match = /^data:text\/[^;,]*(;base64)?,/.exec(url.slice(0, 500))
  if (match === null) return {}
  const body = url.slice(match[0].length)
  const text = match[1] === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString('utf8')
  return { asText: [...words, text].filter((word) => word !== undefined).join('\n\n') }
}

export function mediaBytes(type: string, base64: string): string {
  return `${type}:${base64.length}:${base64.slice(0, 64)}:${base64.slice(-64)}`
}
