/**
 * Where the texts of a body stand, whose they are, and what a condition sees of them. Bodies of other shapes have none.
 */
import type { RulePath, RuleTexts } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { asArray, asObject } from '../json/json.ts'

export interface TextPlace {
  path: RulePath
  text: string
  by: 'system' | 'user' | 'other'
  /** Places of one message share it; -1 = the member beside the messages. */
  message: number
}

/** What a condition sees of a text ends here: its time must have an end. Characters (UTF-16 units). */
export const conditionCharactersMax = 65_536

export function findRequestTexts(wire: Wire, body: unknown): TextPlace[] {
  const request = asObject(body)
  if (request === null) return []
  if (wire === 'responses') {
    const places = toPlaces(request.instructions, ['instructions'], 'system', -1)
    if (typeof request.input === 'string')
      return [...places, { path: ['input'], text: request.input, by: 'user', message: 0 }]
    return [
      ...places,
      ...asArray(request.input).flatMap((item, index) => findItemTexts(asObject(item), ['input', index], index)),
    ]
  }
  const places = wire === 'messages' ? toPlaces(request.system, ['system'], 'system', -1) : []
  for (const [index, item] of asArray(request.messages).entries()) {
    const message = asObject(item)
    if (message !== null)
      places.push(...toPlaces(message.content, ['messages', index, 'content'], ownerOf(message.role), index))
  }
  return places
}

function findItemTexts(item: Record<string, unknown> | null, path: RulePath, index: number): TextPlace[] {
  if (item === null) return []
  if (item.type === undefined || item.type === 'message')
    return toPlaces(item.content, [...path, 'content'], ownerOf(item.role), index)
  return toPlaces(item.output, [...path, 'output'], 'other', index)
}

export function findAnswerTexts(wire: Wire, body: unknown): TextPlace[] {
  const answer = asObject(body)
  if (answer === null) return []
  if (wire === 'messages') return toPlaces(answer.content, ['content'], 'other', 0)
  if (wire === 'responses')
    return asArray(answer.output).flatMap((item, index) =>
      toPlaces(asObject(item)?.content, ['output', index, 'content'], 'other', index),
    )
  return asArray(answer.choices).flatMap((choice, index) =>
    toPlaces(asObject(asObject(choice)?.message)?.content, ['choices', index, 'message', 'content'], 'other', index),
  )
}

function ownerOf(role: unknown): TextPlace['by'] {
  return role === 'system' || role === 'developer' ? 'system' : role === 'user' ? 'user' : 'other'
}

const textParts = new Set(['text', 'input_text', 'output_text'])

/** A text is a string or a list of parts; what a tool gave back stands in a part of its own. */
function toPlaces(content: unknown, path: RulePath, by: TextPlace['by'], message: number): TextPlace[] {
  if (typeof content === 'string') return [{ path, text: content, by, message }]
  return asArray(content).flatMap((item, index): TextPlace[] => {
    const part = asObject(item)
    if (part === null) return []
    if (part.type === 'tool_result') return toPlaces(part.content, [...path, index, 'content'], 'other', message)
    return typeof part.text === 'string' && textParts.has(String(part.type))
      ? [{ path: [...path, index, 'text'], text: part.text, by, message }]
      : []
  })
}

export function selectTexts(places: TextPlace[], texts: RuleTexts): TextPlace[] {
  return texts === 'all' ? places : places.filter(({ by }) => by === texts)
}

/** `text`: the last user message that has one. `system`: everything the system says. */
export function readConditionTexts(wire: Wire, body: unknown): { text: string; system: string } {
  const places = findRequestTexts(wire, body)
  const last = places.findLast(({ by }) => by === 'user')?.message
  return {
    text: join(places.filter(({ by, message }) => by === 'user' && message === last)),
    system: join(places.filter(({ by }) => by === 'system')),
  }
}

function join(places: TextPlace[]): string {
  return places
    .map(({ text }) => text)
    .join('\n')
    .slice(0, conditionCharactersMax)
}
