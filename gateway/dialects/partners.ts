import type { Part, Turn } from './model.ts'
import type { TranslationReport } from './report.ts'

/**
 * Without the calls and results whose partner has no words in the model: a result without its call, or a call that
 * nobody answers, is refused by every provider.
 */
export function withoutPartners(turns: readonly Turn[], lost: ReadonlySet<string>, report: TranslationReport): Turn[] {
  if (lost.size === 0) return [...turns]
  const stays = (part: Part): boolean => {
    if ((part.kind !== 'tool-call' && part.kind !== 'tool-result') || !lost.has(part.id)) return true
    report.drop(part.path)
    return false
  }
  return turns.flatMap((turn) => {
    const parts = turn.parts.filter(stays)
    return parts.length === 0 && turn.parts.length > 0 ? [] : [{ ...turn, parts }]
  })
}
