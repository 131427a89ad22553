/**
 * What Sinew makes of an exchange: its pattern and its outcome. Pure; learning and reanalysis use this very function.
 */
import type { Wire } from '../../../db/words/wire.ts'
import { fingerprintPrompt } from '../patterns/fingerprint.ts'
import { toPatternTitle, toPatternType, type PatternType } from '../patterns/pattern.ts'
import { readPrompt } from '../exchanges/prompt.ts'
import { scoreExchange, type ExchangeFacts, type Scored } from './score.ts'

export interface JudgedPattern {
  hash: string
  type: PatternType
  title: string
  template: { system: string | null; template: string | null }
}

/**
 * `body` is the caller's own, parsed; `null` = there is none that can be read. `wire` is `null` where a call passes
 * through.
 */
export function judgeExchange(
  wire: Wire | null,
  body: unknown,
  facts: ExchangeFacts,
): Scored & { pattern: JudgedPattern | null } {
  if (wire === null) return { ...scoreExchange({ ...facts, opaque: true }), pattern: null }
  const fingerprint = fingerprintPrompt(readPrompt(wire, body))
  const pattern = fingerprint && {
    hash: fingerprint.hash,
    type: toPatternType(fingerprint.template),
    title: toPatternTitle(fingerprint.template),
    template: fingerprint.template,
  }
  return { ...scoreExchange(facts), pattern }
}
