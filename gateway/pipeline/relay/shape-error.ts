/** A provider's error in the words of its caller's wire, where the provider itself speaks that wire in answers only. */
import { decodeContent } from '../../../db/journal/content-encoding.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { translateAnswer } from '../../dialects/translate.ts'
import type { AnswerHeaders } from '../headers.ts'
import type { ShapedWhole } from './whole-answer.ts'

const maxErrorBytes = 1024 * 1024

export function shapeError(wire: Wire, status: number, headers: AnswerHeaders): ShapedWhole {
  return {
    kind: 'whole',
    finish(body) {
      const decoded = decodeContent(body, headers['content-encoding'], maxErrorBytes)
      const text = ('problem' in decoded ? body : decoded.bytes).toString('utf8')
      const error = translateAnswer(text, { from: wire, to: wire }, status)
      return {
        status,
        contentType: 'application/json',
        body: Buffer.from(error.body),
        dropped: [],
        errorCode: null,
        usage: null,
        ended: 'error',
      }
    },
  }
}
