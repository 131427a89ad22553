/**
 * Step 1: the caller's key → who it is. In memory; keys are compared by their digests, so time tells nothing of a key.
 */
import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { KeyConfig, SharedTeam } from '../../db/words/config.ts'

export interface Principal {
  keyName: string
  team: string
  /** Whose patterns its prompts are compared with; `*` where all teams share them. */
  patternTeam: string
  /** `keys[].toolNamespace`. */
  toolNamespace: string
}

const sharedTeam: SharedTeam = '*'

export type Authenticate = (headers: IncomingHttpHeaders) => Principal | null

export function createAuthenticate(
  keys: Pick<KeyConfig, 'name' | 'key' | 'team' | 'toolNamespace'>[],
  sharedPatterns = false,
): Authenticate {
  const principals = new Map(
    keys.map(({ name, key, team, toolNamespace = 'off' }) => [
      toDigest(key),
      { keyName: name, team, patternTeam: sharedPatterns ? sharedTeam : team, toolNamespace },
    ]),
  )
  /** Keys that were found by their digest before: a request's second digest of the same key would say nothing new. */
  const seen = new Map<string, Principal>()
  const find = (key: string | undefined): Principal | undefined => {
    if (!key) return undefined
    const before = seen.get(key)
    if (before !== undefined) return before
    const principal = principals.get(toDigest(key))
    if (principal !== undefined) seen.set(key, principal)
    return principal
  }
  return (headers) => {
    const bearer = headers.authorization
    const found =
      bearer !== undefined && bearer.length > 7 && bearer.slice(0, 7).toLowerCase() === 'bearer '
        ? find(bearer.slice(7).trim())
        : undefined
    // A client may send a key of its own in one place and the gateway's in the other.
    return found ?? find(headers['x-api-key'] as string | undefined) ?? null
  }
}

function toDigest(key: string): string {
  return hash('sha256', key, 'base64')
}
