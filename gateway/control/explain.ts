/**
 * Why an exchange belongs to its pattern: by the code that identifies traffic, on the request as its caller wrote it.
 */
import type { ExchangeDetail } from '../../db/repositories/exchanges/exchanges.ts'
import { fingerprintPrompt } from '../../workflows/domain/patterns/fingerprint.ts'
import { createPatternIndex } from '../../workflows/domain/patterns/identify.ts'
import type { MinedTemplate } from '../../workflows/domain/mining/types.ts'
import { readPrompt, type Prompt } from '../../workflows/domain/exchanges/prompt.ts'
import { wireOf } from '../../workflows/domain/exchanges/wire.ts'
import type { Services } from './services.ts'

export interface Explanation {
  /**
   * `template`: all of it fits. `opening`: it begins like that. `none`: nothing that is known of the pattern now fits
   * it.
   */
  by: 'template' | 'opening' | 'none'
  /** Both texts in order; `slot` is `null` for fixed text. */
  pieces: { in: 'system' | 'user'; slot: string | null; text: string; cut: boolean }[]
}

const textCharactersMax = 2_000

/** `null` = there is no pattern, or no prompt to show it on. */
export async function explainPattern(
  services: Services,
  detail: ExchangeDetail,
  body: unknown,
): Promise<Explanation | null> {
  const forms = detail.patternId === null ? null : await services.patternDetails.findOwnForms(detail.patternId)
  const wire = wireOf(detail.endpoint)
  if (forms === null || wire === null || typeof body !== 'object' || body === null) return null
  const prompt = readPrompt(wire, body)
  if (prompt.system === null && prompt.user === null) return null
  const index = createPatternIndex({
    patterns: [{ id: forms.id, templates: (forms.templates as MinedTemplate[] | null) ?? [] }],
    openings: [],
  })
  const identified = index.identify(body, prompt)
  if (identified?.explanation)
    return {
      by: 'template',
      pieces: identified.explanation.map(({ in: side, slot, text }) => toPiece(side, slot, text)),
    }
  return explainOpening(prompt, forms.openings) ?? { by: 'none', pieces: [] }
}

/** Openings of the pattern are its own hash, or those that were merged into it. */
function explainOpening(prompt: Prompt, openings: string[]): Explanation | null {
  const found = fingerprintPrompt(prompt)
  if (found === null || !openings.includes(found.hash)) return null
  const pieces = (['system', 'user'] as const).flatMap((side) => {
    const text = side === 'system' ? found.template.system : found.template.template
    if (text === null) return []
    // A system prompt is fixed to the letter: braces in it are its own.
    if (side === 'system') return [toPiece(side, null, text)]
    return text.split(/\{\{(\w+)\}\}/).flatMap((piece, index) => {
      if (index % 2 === 1) return [toPiece(side, piece, found.slots[piece] ?? '')]
      return piece === '' ? [] : [toPiece(side, null, piece)]
    })
  })
  return { by: 'opening', pieces }
}

function toPiece(side: 'system' | 'user', slot: string | null, text: string): Explanation['pieces'][number] {
  return { in: side, slot, text: text.slice(0, textCharactersMax), cut: text.length > textCharactersMax }
}
