/** A tool's name inside a namespace, and back. Every name it makes can be sent to any provider. */
import { hash } from 'node:crypto'

/** What the strictest of the providers takes. */
const nameMax = 64
const allowed = /^[a-zA-Z0-9_-]+$/
const digestDigits = 16
const shortenedEnd = /_[0-9a-f]{16}$/

export interface Namer {
  /** The same name gives the same again. */
  toUpstream(name: string): string
  /** What has been named so far: the upstream's name → the client's. */
  readonly restore: ReadonlyMap<string, string>
}

/** What names of a namespace begin with; a prefix may bring its own separator. */
export function toLead(prefix: string): string {
  return /[_-]$/.test(prefix) ? prefix : `${prefix}__`
}

/** `taken`: names that are at the upstream already. */
export function createNamer(prefix: string, taken: ReadonlySet<string>): Namer {
  const lead = toLead(prefix)
  const named = new Map<string, string>()
  const restore = new Map<string, string>()
  return {
    restore,
    toUpstream(name) {
      const known = named.get(name)
      if (known !== undefined) return known
      let made = toName(lead, name, 0)
      for (let attempt = 1; restore.has(made) || taken.has(made); attempt++) made = toName(lead, name, attempt)
      named.set(name, made)
      restore.set(made, name)
      return made
    },
  }
}

/**
 * A name that is too long, or that no provider would take, keeps its beginning and gets 64 bits of its digest; so does
 * a name that looks as if it had one, and thus no name is ever made twice by its form.
 */
function toName(lead: string, name: string, attempt: number): string {
  if (attempt === 0 && lead.length + name.length <= nameMax && allowed.test(name) && !shortenedEnd.test(name))
    return lead + name
  // As JSON, because halves of surrogate pairs are one and the same in UTF-8.
  const digest = hash('sha256', `${attempt}\n${JSON.stringify(name)}`).slice(0, digestDigits)
  const beginning = name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, nameMax - lead.length - 1 - digestDigits)
  return `${lead}${beginning}_${digest}`
}
