/** The data of each event of a server-sent event stream, in order. Pure: it reads a whole recorded stream at once. */
import { createParser } from 'eventsource-parser'

export function readEventData(text: string): string[] {
  const events: string[] = []
  const parser = createParser({
    onEvent: ({ data }) => {
      // An event without data says nothing; some servers send them to keep the connection alive.
      if (data.trim() !== '') events.push(data)
    },
  })
  parser.feed(text)
  // The standard drops an event without its closing blank line; a record shows all that came.
  parser.feed('\n\n')
  return events
}
