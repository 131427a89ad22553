/** The events of a server-sent event stream, in order. Pure: it reads a whole recorded stream at once. */
import { createParser } from 'eventsource-parser'

export interface RecordedEvent {
  /** `null` = the stream names none. */
  name: string | null
  data: string
}

export function readEvents(text: string): RecordedEvent[] {
  const events: RecordedEvent[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => {
      // An event without data says nothing; some servers send them to keep the connection alive.
      if (data.trim() !== '') events.push({ name: event ?? null, data })
    },
  })
  parser.feed(text)
  // The standard drops an event without its closing blank line; a record shows all that came.
  parser.feed('\n\n')
  return events
}
