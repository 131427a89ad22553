/** How an answer of 2xx that is no stream ended: what states an error, or is no answer, is a failure on the record. */
import { decodeContent } from '../../../db/journal/content-encoding.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { findAnswerFailure } from '../../../workflows/domain/exchanges/answer-failure.ts'
import { parseJson } from '../../../workflows/domain/json/json.ts'

const maxDecodedBytes = 32 * 1024 * 1024

export interface WholeFacts {
  wire: Wire | null
  contentType: string
  encoding: string | null
  /** Only the beginning of the body is there. */
  cut: boolean
}

export function judgeWholeAnswer(body: Buffer, { wire, contentType, encoding, cut }: WholeFacts): 'ok' | 'error' {
  // Calls that pass through answer with files and sounds too; of them only an error that is stated counts.
  if (wire === null && !contentType.includes('json')) return 'ok'
  const decoded = decodeContent(body, encoding, maxDecodedBytes, { cut: true })
  if ('problem' in decoded) return 'ok'
  if (wire === null && !decoded.bytes.includes('"error"')) return 'ok'
  // Only its structure counts, and that is ASCII: one character a byte is read fastest.
  const json = parseJson(decoded.bytes.toString('latin1'))
  if (json === null && cut) return 'ok'
  return findAnswerFailure(wire, json) === null ? 'ok' : 'error'
}
