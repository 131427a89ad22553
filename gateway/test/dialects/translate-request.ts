/** One request translated for a test, or the refusal that it gets. */
import type { Wire } from '../../../db/words/wire.ts'
import { UntranslatableError } from '../../dialects/report.ts'
import { translateRequest } from '../../dialects/translate.ts'

export type Body = Record<string, any>

export function translate(
  from: Wire,
  to: Wire,
  body: object | string,
  write = {},
): { body: Body; text: string; dropped: readonly string[] } {
  const result = translateRequest(
    typeof body === 'string' ? body : JSON.stringify(body),
    { from, to },
    { untranslatable: 'drop', write },
  )
  return { body: JSON.parse(result.body) as Body, text: result.body, dropped: result.dropped }
}

export function refusal(
  from: Wire,
  to: Wire,
  body: object,
  untranslatable: 'refuse' | 'drop' = 'refuse',
): UntranslatableError {
  try {
    translateRequest(JSON.stringify(body), { from, to }, { untranslatable })
  } catch (error) {
    if (error instanceof UntranslatableError) return error
    throw error
  }
  throw new Error('it was not refused')
}

export const weather = {
  name: 'get_weather',
  description: 'Weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}
