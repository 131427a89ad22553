/** How a prompt opens: its pattern until a template is learned. Pure. */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { fingerprintTexts } from './fingerprint.ts'
import { toPatternTitle, toPatternType, type PatternType } from './pattern.ts'

export interface Opening {
  hash: string
  type: PatternType
  title: string
  template: PromptTemplate
}

/** `null` = there is no text to go by. */
export function toOpening(system: string | null, user: string | null): Opening | null {
  const fingerprint = fingerprintTexts(system, user)
  if (fingerprint === null) return null
  const { hash, template } = fingerprint
  return { hash, type: toPatternType(template), title: toPatternTitle(template), template }
}
