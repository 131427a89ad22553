import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type CredentialName = 'caller-key' | 'admin-token'

/**
 * The generated credential of this data folder, made on first use and readable by its owner only. Safe when several
 * processes ask at once: the exclusive create lets one win, the others read its file.
 */
export function loadOrCreateCredential(dataDir: string, name: CredentialName): string {
  const path = join(dataDir, name)
  mkdirSync(dataDir, { recursive: true })
  const made = `${name === 'caller-key' ? 'sk-sinew-' : 'admin-'}${randomBytes(24).toString('hex')}`
  try {
    writeFileSync(path, `${made}\n`, { flag: 'wx', mode: 0o600 })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = readFileSync(path, 'utf8').trim()
  if (found.length < 32) throw new Error(`${path} holds no usable credential; delete it and a new one is made`)
  return found
}
