/** A caller's body that came compressed: undone before anybody reads it, bounded like any other. */
import { hash } from 'node:crypto'
import { decodeContent, readEncodings } from '../../db/journal/content-encoding.ts'
import type { EncodedBody } from '../../db/words/exchange.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'

/** `encoded` = what came, for the record; `null` = it came as it is. */
export type PlainBody = { body: Buffer; encoded: EncodedBody | null }

export function undoEncoding(body: Buffer, contentEncoding: string | undefined, maxBytes: number): PlainBody | Refusal {
  if (contentEncoding === undefined || body.length === 0) return { body, encoded: null }
  const encodings = readEncodings(contentEncoding)
  if (encodings.length === 0) return { body, encoded: null }
  const decoded = decodeContent(body, contentEncoding, maxBytes)
  if ('bytes' in decoded)
    return {
      body: decoded.bytes,
      encoded: { encoding: encodings.join(', '), bytes: body.length, digest: hash('sha256', body) },
    }
  switch (decoded.problem) {
    case 'unknown':
      return refuse(
        'unsupported_encoding',
        `content-encoding: ${decoded.encoding.slice(0, 50)} is not known here; send the body as it is, or in gzip, deflate, br or zstd`,
      )
    case 'damaged':
      return refuse('invalid_request', `the body is not ${decoded.encoding}, as content-encoding says`)
    case 'too_big':
      return refuseTooLarge(maxBytes)
  }
}

export function refuseTooLarge(maxBytes: number): Refusal {
  return refuse('body_too_large', `the body is larger than ${maxBytes / 1024 / 1024} MiB`)
}
