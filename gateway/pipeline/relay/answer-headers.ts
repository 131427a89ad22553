/** Single headers of an answer. */
import { readEncodings } from '../../../db/journal/content-encoding.ts'
import type { AnswerHeaders } from '../headers.ts'

export function readHeader(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

/** `null` = the body is not compressed. */
export function readEncoding(headers: AnswerHeaders): string | null {
  const encodings = readEncodings(headers['content-encoding'])
  return encodings.length === 0 ? null : encodings.join(', ')
}
