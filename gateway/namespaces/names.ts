/** A tool's name inside a namespace, and back. Every name it makes can be sent to any provider. */
import { toLead, toUpstreamName, type NameRule } from '../dialects/tool-names.ts'

/** What the strictest of the providers takes. */
const strictest: NameRule = { maxCharacters: 64, allowed: /^[a-zA-Z0-9_-]+$/ }

export interface Namer {
  /** The same name gives the same again. */
  toUpstream(name: string): string
  /** What has been named so far: the upstream's name → the client's. */
  readonly restore: ReadonlyMap<string, string>
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
      let made = toUpstreamName(lead, name, strictest, 0)
      for (let attempt = 1; restore.has(made) || taken.has(made); attempt++)
        made = toUpstreamName(lead, name, strictest, attempt)
      named.set(name, made)
      restore.set(made, name)
      return made
    },
  }
}
