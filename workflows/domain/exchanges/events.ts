/** The data of each event of a server-sent event stream, in order. Pure: it reads a whole recorded stream at once. */
export function readEventData(text: string): string[] {
  const events: string[] = []
  let data: string[] = []
  const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split(/\r\n|\r|\n/)
  for (const line of lines) {
    if (line === '') {
      if (data.length > 0) events.push(data.join('\n'))
      data = []
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line[5] === ' ' ? 6 : 5))
    } else if (line === 'data') {
      data.push('')
    }
  }
  // The standard drops an event without its closing blank line; a record shows all that came.
  if (data.length > 0) events.push(data.join('\n'))
  return events
}
