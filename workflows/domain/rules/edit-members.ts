/** The members of each kind of edit, and what is wrong with a value that somebody wrote for one. */
import type { RuleEdit } from '../../../db/words/rule.ts'

const maxTextCharacters = 100_000
const maxPathSteps = 20
const maxStepCharacters = 200

/** Answers what is wrong with a value, or `null`. */
export type Judge = (value: unknown) => string | null

export const editMembers: {
  [K in RuleEdit['kind']]: Record<Exclude<keyof Extract<RuleEdit, { kind: K }>, 'kind'>, Judge>
} = {
  set: { path: judgePath, value: judgeValue },
  remove: { path: judgePath },
  rename: { path: judgePath, to: judgeName },
  replaceText: { in: oneOf('system', 'user', 'all'), pattern: judgeText, with: judgeText },
  addMessage: { role: oneOf('system', 'user'), position: oneOf('first', 'last'), text: judgeFullText },
  changeMessage: {
    role: oneOf('system', 'user'),
    which: oneOf('first', 'last', 'all'),
    change: oneOf('replace', 'prepend', 'append'),
    text: judgeFullText,
  },
  cap: { parameter: judgeName, most: judgeNumber },
  default: { parameter: judgeName, value: judgeNumber },
  routeTo: {
    model: (value) =>
      typeof value === 'string' && /^[^\s]{1,300}$/.test(value) ? null : 'must be the name of a model, without spaces',
  },
  addHeader: {
    name: (value) => (typeof value === 'string' ? null : 'must be a text'),
    value: (value) => (typeof value === 'string' ? null : 'must be a text'),
  },
}

function judgePath(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxPathSteps)
    return `must be a list of 1 to ${maxPathSteps} names and numbers, such as ["metadata", "tier"]`
  for (const step of value) {
    if (typeof step === 'number' ? !Number.isInteger(step) : judgeName(step) !== null)
      return 'each step must be a name or an integer'
  }
  return typeof value[0] === 'string' ? null : 'must begin with a name: a body is an object'
}

function judgeName(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > maxStepCharacters || !isStorable(value))
    return `must be a text of 1 to ${maxStepCharacters} characters`
  return value === '__proto__' ? 'is not a member of anything' : null
}

function judgeValue(value: unknown): string | null {
  if (value === undefined) return 'must be a JSON value'
  if (!isStorable(value)) return unstorable
  return JSON.stringify(value).length > maxTextCharacters ? `is longer than ${maxTextCharacters} characters` : null
}

/** PostgreSQL's jsonb has no place for NUL and halves of characters. */
export function isStorable(value: unknown): boolean {
  return !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value).replaceAll('\\\\', ''))
}

const unstorable = 'has a character that cannot be stored'

function judgeText(value: unknown): string | null {
  if (typeof value === 'string' && !isStorable(value)) return unstorable
  return typeof value === 'string' && value.length <= maxTextCharacters
    ? null
    : `must be a text of at most ${maxTextCharacters} characters`
}

function judgeFullText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? judgeText(value) : 'must be a text that is not empty'
}

function judgeNumber(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number'
}

function oneOf(...words: string[]): Judge {
  return (value) => (typeof value === 'string' && words.includes(value) ? null : `must be one of ${words.join(', ')}`)
}
