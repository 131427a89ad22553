import type { ConversationRequest, Turn } from './model.ts'
import { UntranslatableError, type TranslationReport } from './report.ts'

/**
 * Nobody asked for the answer to a conversation whose last words, or all of them, are gone: such a request is refused
 * whatever the setting.
 */
export function refuseEmptied({ turns }: ConversationRequest, report: TranslationReport): void {
  const dropped = new Set(report.dropped)
  const isGone = ({ parts }: Turn): boolean => parts.length > 0 && parts.every(({ path }) => dropped.has(path))
  const said = turns.filter(({ role }) => role !== 'system' && role !== 'developer')
  const last = said.at(-1)
  const nothing = said.length === 0 && turns.length === 0 && dropped.size > 0
  if (!nothing && (last === undefined || last.role !== 'user' || !isGone(last))) return
  const fields = nothing ? report.dropped : (last?.parts.map(({ path }) => path) ?? [])
  throw new UntranslatableError(
    fields,
    `${fields.map((field) => report.describe(field)).join(', ')} is all that is asked here, and cannot be expressed for this model's provider.`,
  )
}
