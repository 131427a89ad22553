/** Gemini by its own API. */
import type { AcceptanceRow } from './row.ts'

const kinds = ['google']

export const gemini: readonly AcceptanceRow[] = [
  {
    source: 'Gemini API documentation: Image understanding; Function calling; API reference: GenerationConfig',
    kinds,
    accepts: {
      images: ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'],
      toolNames: { maxCharacters: 64, allowed: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/ },
      maxStops: 5,
    },
  },
  {
    source: 'Gemini API documentation: Thinking (no thinking before 2.5)',
    kinds,
    models: /gemini-(1|2\.0)/,
    accepts: { reasoning: { known: false } },
  },
  {
    source: 'Gemini API documentation: Thinking (budgets of 2.5 Flash)',
    kinds,
    models: /gemini-2\.5/,
    accepts: { reasoning: { budget: { min: 0, max: 24_576 } } },
  },
  {
    source: 'Gemini API documentation: Thinking (budgets of 2.5 Flash-Lite)',
    kinds,
    models: /gemini-2\.5-flash-lite/,
    accepts: { reasoning: { budget: { min: 512, max: 24_576 } } },
  },
  {
    source: 'Gemini API documentation: Thinking (2.5 Pro cannot be told not to think: 128 is its least)',
    kinds,
    models: /gemini-2\.5-pro/,
    accepts: { reasoning: { budget: { min: 128, max: 32_768 }, off: { budgetTokens: 128 } } },
  },
  {
    source:
      'Gemini API documentation: Thinking, Gemini 3 guide (levels; thinking cannot be switched off; media in results)',
    kinds,
    models: /gemini-([3-9]|\d\d)/,
    accepts: {
      mediaInResults: true,
      reasoning: { budget: 'refused', efforts: ['low', 'medium', 'high'], off: { effort: 'low' } },
    },
  },
  {
    source: 'Gemini API documentation: Thinking (levels of 3 Pro)',
    kinds,
    models: /gemini-3-pro/,
    accepts: { reasoning: { efforts: ['low', 'high'] } },
  },
  {
    source: 'Gemini API documentation: Thinking (levels of 3 Flash)',
    kinds,
    models: /gemini-3-flash/,
    accepts: { reasoning: { efforts: ['minimal', 'low', 'medium', 'high'], off: { effort: 'minimal' } } },
  },
]
