/** One wire format as the stand-in for a provider speaks it. */
import type { Asked, Said, SaidError } from './said.ts'

export interface Fault {
  field: string
  message: string
}

export interface Speaker {
  path: string
  /** What the request asks for, or what is wrong with it: providers are strict about calls and their results. */
  read(body: object): Asked | Fault
  whole(said: Said): object
  events(said: Said, body: object): string[]
  error(error: SaidError): object
  /** The event that says in the middle of a stream that it failed. */
  breakage(): string
}

export const fault = (field: string, message: string): Fault => ({ field, message })

/** The texts of a string or of a list of parts, whatever the format calls them. */
export function textsOf(content: unknown): string {
  if (typeof content === 'string') return content
  return Array.isArray(content)
    ? content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('')
    : ''
}
