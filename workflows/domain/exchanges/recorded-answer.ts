/**
 * A recorded answer's bytes, parsed once for everything that reads them: its words, its usage, whether it failed. Pure.
 */
import { readEvents } from './events.ts'
import { parseJson } from '../json/json.ts'

export type ParsedAnswer = { kind: 'whole'; body: unknown } | { kind: 'events'; events: ParsedEvent[] }

export interface ParsedEvent {
  /** The type that the stream names; `null` = it names none. */
  name: string | null
  /** JSON where it is that, else the text. */
  data: unknown
}

/** `stream`: the caller asked for one; an answer that is none all the same (an error, a page) is read as a whole. */
export function parseRecorded(stream: boolean, text: string): ParsedAnswer {
  if (!stream || /^\s*[{[<]/.test(text)) return { kind: 'whole', body: parseJson(text) }
  const events = readEvents(text).filter(({ data }) => data.trim() !== '[DONE]')
  return { kind: 'events', events: events.map(({ name, data }) => ({ name, data: parseJson(data) ?? data })) }
}
