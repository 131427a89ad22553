/** One untidy request translated as a provider of that wire takes it, or the refusal that it gets. */
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { UntranslatableError } from '../../dialects/report.ts'
import { translateRequest } from '../../dialects/translate.ts'
import { toAcceptance } from '../../providers/acceptance/table.ts'

export type Body = Record<string, any>
export const kinds = {
  chat: 'openai-compatible',
  responses: 'openai-compatible',
  messages: 'anthropic',
  google: 'google',
}

export function translate(
  from: Wire,
  to: ProviderWire,
  body: object,
  model = to === 'google' ? 'gemini-3-pro' : 'm',
  untranslatable: 'refuse' | 'drop' = 'drop',
): { body: Body; dropped: readonly string[] } {
  const result = translateRequest(
    JSON.stringify({ model, ...body }),
    { from, to },
    { untranslatable, write: { accepts: (wire) => toAcceptance(kinds[wire], wire, model) } },
  )
  return { body: JSON.parse(result.body) as Body, dropped: result.dropped }
}

export function refusal(
  from: Wire,
  to: ProviderWire,
  body: object,
  setting: 'refuse' | 'drop' = 'drop',
): UntranslatableError {
  try {
    translate(from, to, body, 'm', setting)
  } catch (error) {
    if (error instanceof UntranslatableError) return error
    throw error
  }
  throw new Error('it was not refused')
}

export const pdf = 'JVBERi0xLjQK'
export const png = 'iVBORw0KGgoAAA'
export const inChat = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] })
export const inMessages = (block: object): object => ({ max_tokens: 9, messages: [{ role: 'user', content: [block] }] })
export const sentToClaude = (part: object): unknown =>
  translate('chat', 'messages', inChat(part)).body.messages[0].content
