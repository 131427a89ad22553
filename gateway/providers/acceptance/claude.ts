/**
 * Claude by generation, whoever serves it. A generation is a number: 4.5 is 405. Names stand alone, or inside another
 * provider's (`us.anthropic.claude-…-v1:0`, `anthropic/claude-…`).
 */
import type { ProviderWire } from '../../../db/words/wire.ts'
import type { AcceptanceRow } from './row.ts'

const wires: readonly ProviderWire[] = ['messages']

export interface ClaudeModel {
  /** `opus`, `sonnet`, `haiku`, …; the first ones had none. */
  family: string | null
  generation: number
}

/** `null` = it is no Claude, or does not say which. */
export function readClaude(model: string): ClaudeModel | null {
  // The families stand before the number, up to 3.7 and in OpenRouter's newer names behind it.
  const found = /claude-(?:([a-z]+)-)?(\d)(?!\d)(?:[.-](\d{1,2})(?!\d))?(?:-([a-z]+))?/.exec(model)
  if (found === null) return null
  const [, before, major, minor, behind] = found
  return { family: before ?? behind ?? null, generation: Number(major) * 100 + Number(minor ?? 0) }
}

const from =
  (least: number, most = Infinity, families?: readonly string[]) =>
  (model: string): boolean => {
    const claude = readClaude(model)
    if (claude === null || claude.generation < least || claude.generation > most) return false
    return families === undefined || families.includes(claude.family ?? '')
  }

export const claude: readonly AcceptanceRow[] = [
  {
    source: 'Anthropic documentation: Extended thinking (thinking blocks must come back as Claude signed them)',
    kinds: ['anthropic', 'bedrock'],
    wires,
    accepts: { signsThinking: true },
  },
  {
    source: 'Anthropic documentation: Extended thinking; Tool use (input_schema is an object without anyOf at its top)',
    wires,
    models: /claude/,
    accepts: { signsThinking: true, toolSchemas: 'plain' },
  },
  {
    source: 'Anthropic documentation: Extended thinking, Models overview (thinking since 3.7)',
    wires,
    models: from(0, 306),
    accepts: { reasoning: { known: false } },
  },
  {
    source: 'Anthropic documentation: Models overview (max output)',
    wires,
    models: from(0, 304),
    accepts: { maxOutputTokens: 4_096 },
  },
  {
    source: 'Anthropic documentation: Models overview (max output)',
    wires,
    models: from(305, 306),
    accepts: { maxOutputTokens: 8_192 },
  },
  {
    source: 'Anthropic documentation: Models overview (max output)',
    wires,
    models: from(307, 405),
    accepts: { maxOutputTokens: 64_000 },
  },
  {
    source: 'Anthropic documentation: Models overview (max output)',
    wires,
    models: from(400, 401, ['opus']),
    accepts: { maxOutputTokens: 32_000 },
  },
  {
    source: 'Anthropic documentation: Models overview (max output)',
    wires,
    models: from(406),
    accepts: { maxOutputTokens: 128_000 },
  },
  {
    source: 'Anthropic documentation: Structured outputs (since Opus 4.1 and the 4.5 models)',
    wires,
    models: from(0, 400),
    accepts: { formats: 'none', strictSchemas: 'none' },
  },
  {
    source: 'Anthropic documentation: Structured outputs, JSON schema limitations',
    wires,
    models: from(401),
    accepts: { strictSchemas: 'subset' },
  },
  {
    source: 'Anthropic documentation: Extended thinking, feature compatibility (temperature, top_k, forced tools)',
    wires,
    models: from(307),
    accepts: { refusesWithReasoning: ['temperature', 'topK', 'topP'], forcedTools: 'without-reasoning' },
  },
  {
    source: 'Anthropic documentation: Extended thinking with tool use (the turn must begin with a thinking block)',
    wires,
    models: from(307, 405),
    accepts: { reasoning: { provenTurns: true, summaryAlone: false } },
  },
  {
    source: 'Anthropic documentation: Migration guide (temperature or top_p, not both)',
    wires,
    models: from(401),
    accepts: { oneOfTemperatureAndTopP: true },
  },
  {
    source: 'Anthropic documentation: Effort (low, medium, high, max since 4.6)',
    wires,
    models: from(406, 406),
    accepts: { reasoning: { efforts: ['low', 'medium', 'high', 'max'] } },
  },
  {
    source: 'Anthropic documentation: Migrating to Claude Opus 4.7 (no sampling settings, no budgets, xhigh)',
    wires,
    models: from(407),
    accepts: {
      refuses: ['temperature', 'topP', 'topK'],
      reasoning: { budget: 'refused', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
    },
  },
  {
    source:
      "Anthropic documentation: Migrating to Claude Fable 5; What's new in Claude Opus 5.5 (thinking is always on)",
    wires,
    models: (model) => /claude-(fable|mythos)/.test(model) || from(505, Infinity, ['opus', 'sonnet'])(model),
    accepts: {
      refuses: ['temperature', 'topP', 'topK'],
      reasoning: { off: { effort: 'low' }, budget: 'refused', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
    },
  },
  {
    source:
      "Anthropic documentation: What's new in Claude Opus 5.5 (forced tool use returns an error, also on Fable 5.1)",
    wires,
    models: (model) => from(505, Infinity, ['opus'])(model) || from(501, Infinity, ['fable', 'mythos'])(model),
    accepts: { forcedTools: 'never' },
  },
]
