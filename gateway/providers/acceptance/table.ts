/**
 * What models and providers take, and what they take together: one table, a row for each rule, each with its source.
 * Rows are laid over each other in this order, so what is known of one model stands on top of what is known of all.
 */
import type { ProviderWire } from '../../../db/words/wire.ts'
import { mergeAcceptance, type Acceptance } from '../../dialects/acceptance-facts.ts'
import { claude } from './claude.ts'
import { gemini } from './gemini.ts'
import { openai } from './openai.ts'
import { others } from './others.ts'
import type { AcceptanceRow } from './row.ts'
import { wireRows } from './wires.ts'

export const acceptanceTable: readonly AcceptanceRow[] = [...wireRows, ...openai, ...claude, ...gemini, ...others]

export function toAcceptance(kind: string, wire: ProviderWire, model: string): Acceptance {
  return mergeAcceptance(acceptanceTable.filter((row) => applies(row, kind, wire, model)).map(({ accepts }) => accepts))
}

function applies({ kinds, wires, models }: AcceptanceRow, kind: string, wire: ProviderWire, model: string): boolean {
  if (kinds !== undefined && !kinds.includes(kind)) return false
  if (wires !== undefined && !wires.includes(wire)) return false
  return models === undefined || (models instanceof RegExp ? models.test(model) : models(model))
}
