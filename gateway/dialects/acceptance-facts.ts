/**
 * What a model takes, and what it takes together; which model takes what stands in gateway/providers/acceptance/, with
 * its source. Absent = nothing is known that must be heeded.
 */
import type { SettingName } from './model.ts'

export interface Acceptance {
  /** Settings that are refused, or refused when they are not the default. */
  readonly refuses?: readonly SettingName[]
  /** Settings that are refused as long as the model reasons. */
  readonly refusesWithReasoning?: readonly SettingName[]
  /** Of `temperature` and `top_p` only one may be said. */
  readonly oneOfTemperatureAndTopP?: boolean
  readonly reasoning?: ReasoningAcceptance
  /** A choice that forces a call: never, or not together with reasoning. */
  readonly forcedTools?: 'never' | 'without-reasoning'
  readonly minOutputTokens?: number
  readonly maxOutputTokens?: number
  readonly maxStops?: number
  /** Longer ones become a digest of themselves. */
  readonly maxUserCharacters?: number
  readonly maxCacheKeyCharacters?: number
  readonly maxCallIdCharacters?: number
  /** Whether two calls of a conversation may not have one id. */
  readonly uniqueCallIds?: boolean
  readonly toolNames?: { readonly maxCharacters: number; readonly allowed: RegExp }
  /** `json` = an object without a schema only; `none` = no structured output at all. */
  readonly formats?: 'schema' | 'json' | 'none'
  /** A tool's schema must be an object's that lists its properties; `plain`: and hold no variants at its top. */
  readonly toolSchemas?: 'object' | 'plain'
  /** Schemas of structured output and strict tools must keep to Anthropic's subset. */
  readonly strictSchemas?: 'subset' | 'none'
  /** Media types of pictures; others would be refused. */
  readonly images?: readonly string[]
  /** Whether text of nothing but white space is refused. */
  readonly refusesBlankText?: boolean
  /** Whether an answer may be begun for the model: `trimmed` = without white space at its end. */
  readonly prefill?: 'trimmed'
  /** Whether thinking in the history must have been signed by the model's maker. */
  readonly signsThinking?: boolean
  /** Google: whether media of a tool's result stand inside it. */
  readonly mediaInResults?: boolean
}

export interface ReasoningAcceptance {
  /** Whether the model can be asked to reason at all; `false` = a wish for it is refused. */
  readonly known?: boolean
  /** Whether it reasons without being asked to. */
  readonly onByDefault?: boolean
  /** The efforts it knows; the nearest one stands for another. */
  readonly efforts?: readonly string[]
  /** A number of tokens instead of an effort. */
  readonly budget?: { readonly min: number; readonly max?: number } | 'refused'
  /** Whether a budget counts as a part of the output's limit, and must be smaller. */
  readonly budgetWithinOutput?: boolean
  /** How it is told not to reason. `omit` = by not asking; an effort or a budget = the least that it can do. */
  readonly off?: 'word' | 'omit' | { readonly effort: string } | { readonly budgetTokens: number }
  /** Whether thinking with a budget wants the turn of the last call to begin with a signed thought. */
  readonly provenTurns?: boolean
  /** Whether a summary may be asked for where no effort is. */
  readonly summaryAlone?: boolean
}

/** Rows are laid over each other, the later ones on top. */
export function mergeAcceptance(rows: readonly Acceptance[]): Acceptance {
  const merged: Acceptance = Object.assign({}, ...rows) as Acceptance
  const reasoning = Object.assign({}, ...rows.map((row) => row.reasoning ?? {})) as ReasoningAcceptance
  return { ...merged, reasoning }
}
