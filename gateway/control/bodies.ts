/**
 * Recorded bytes as people read them: content encodings undone, JSON parsed. What cannot be read is said, never
 * guessed.
 */
import { decodeRecorded } from '../../db/journal/content-encoding.ts'

/** JSON bodies as values, other ones as text; `null` = none was kept. */
export function toReadable(body: Buffer | null): unknown {
  if (body === null) return null
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const problems = {
  unknown: 'it is not known here',
  damaged: 'the bytes are damaged',
  too_big: 'the text would be too big',
} as const

/** The answer's text, or why it cannot be read. */
export function decodeBody(body: Buffer, headers: [string, string][]): { text: string | null; problem: string | null } {
  const decoded = decodeRecorded(body, headers)
  if ('text' in decoded) return { text: decoded.text, problem: null }
  const { encoding, problem } = decoded
  return { text: null, problem: `the answer's ${encoding} encoding could not be undone: ${problems[problem]}` }
}
