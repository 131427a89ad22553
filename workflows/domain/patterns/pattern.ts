/** What a pattern is called, and when it is weak enough for the analyst. Pure. */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { weighKeys, type KeyCounts } from './key-share.ts'
import { isBelow } from './weakness.ts'

export type PatternType = 'system' | 'opening'

const titleCharactersMax = 80

/** `system`: the system prompt alone is the pattern; `opening`: how the user's text begins is part of it. */
export function toPatternType(template: PromptTemplate): PatternType {
  return template.template === null || template.template === '{{input}}' ? 'system' : 'opening'
}

export function toPatternTitle(template: PromptTemplate): string {
  const text = (toPatternType(template) === 'system' ? template.system : template.template) ?? ''
  const line = text
    .replace(/\{\{\w+\}\}/g, '…')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > titleCharactersMax ? `${line.slice(0, titleCharactersMax - 1).trimEnd()}…` : line || '…'
}

export interface EnhanceThresholds {
  minExchanges: number
  maxSuccessRate: number
}

/**
 * Frequent and unsuccessful enough; exchanges without a verdict count for neither, and no key for more than its share.
 */
export function isWeak(keys: readonly KeyCounts[], thresholds: EnhanceThresholds): boolean {
  const judged = keys.reduce((sum, { successes, failures }) => sum + successes + failures, 0)
  const { successes, failures } = weighKeys(keys)
  return judged > 0 && judged >= thresholds.minExchanges && isBelow(successes, failures, thresholds.maxSuccessRate)
}
