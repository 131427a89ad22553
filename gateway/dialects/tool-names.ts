/** Names of tools that can be sent to a provider: made from the caller's, the same in every request. */
import { hash } from 'node:crypto'

const digestDigits = 16
const shortenedEnd = /_[0-9a-f]{16}$/

/** What names of a namespace begin with; a prefix may bring its own separator. */
export function toLead(prefix: string): string {
  return /[_-]$/.test(prefix) ? prefix : `${prefix}__`
}

export interface NameRule {
  readonly maxCharacters: number
  readonly allowed: RegExp
}

/**
 * A name that is too long, or that no provider would take, keeps its beginning and gets 64 bits of its digest; so does
 * a name that looks as if it had one, and thus no name is ever made twice by its form.
 */
export function toUpstreamName(lead: string, name: string, rule: NameRule, attempt: number): string {
  const fits = lead.length + name.length <= rule.maxCharacters && rule.allowed.test(name)
  if (attempt === 0 && fits && !shortenedEnd.test(name)) return lead + name
  // As JSON, because halves of surrogate pairs are one and the same in UTF-8.
  const digest = hash('sha256', `${attempt}\n${JSON.stringify(name)}`).slice(0, digestDigits)
  const room = rule.maxCharacters - lead.length - 1 - digestDigits
  return `${lead}${name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, room)}_${digest}`
}
