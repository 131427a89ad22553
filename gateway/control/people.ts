/** Who may use the admin plane, and the session cookie that stands for a token in the browser. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { loadOrCreateCredential } from '../../db/process/credentials.ts'
import type { AdminConfig } from '../../db/words/config.ts'

export interface Person {
  name: string
}

export interface People {
  /** The person a token belongs to. Looks at every token whole, so that time tells nothing. */
  identify(token: string): Person | null
  /**
   * A cookie's value: `name.expiry.hmac`, keyed by the person's own token. A new token ends all sessions of the old
   * one.
   */
  seal(person: Person, expiresAtMs: number): string
  open(value: string, nowMs: number): Person | null
}

/** The person behind `SINEW_ADMIN_TOKEN`, or behind the generated token where no person is configured at all. */
export function listAdmins(configured: AdminConfig[], adminToken: string | null, dataDir: string): AdminConfig[] {
  if (adminToken !== null) return [...configured, { name: 'admin', token: adminToken }]
  if (configured.length > 0) return configured
  return [{ name: 'admin', token: loadOrCreateCredential(dataDir, 'admin-token') }]
}

export function createPeople(admins: AdminConfig[]): People {
  const known = admins.map((admin) => ({
    person: { name: admin.name },
    digest: digest(admin.token),
    key: createHash('sha256').update('sinew session\0').update(admin.token).digest(),
  }))
  const sign = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url')

  return {
    identify(token) {
      const given = digest(token)
      let found: Person | null = null
      for (const { person, digest: expected } of known) if (timingSafeEqual(given, expected)) found = person
      return found
    },
    seal(person, expiresAtMs) {
      const entry = known.find((candidate) => candidate.person.name === person.name)
      if (entry === undefined) throw new Error(`${person.name} is not a person of this admin`)
      const text = `${person.name}.${expiresAtMs}`
      return `${text}.${sign(entry.key, text)}`
    },
    open(value, nowMs) {
      const [name = '', expiry = '', mac = '', ...rest] = value.split('.')
      const entry = known.find((candidate) => candidate.person.name === name)
      if (entry === undefined || rest.length > 0 || !/^\d{1,15}$/.test(expiry) || Number(expiry) <= nowMs) return null
      return timingSafeEqual(digest(mac), digest(sign(entry.key, `${name}.${expiry}`))) ? entry.person : null
    },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
