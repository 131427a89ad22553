/**
 * A clone of the product in a temporary folder, with stand-ins for its three processes: the launcher and the supervisor
 * are real.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const productRoot = dirname(dirname(import.meta.dirname))

export interface Clone {
  root: string
  dataDir: string
  remove(): void
}

/** Announces itself, says that it is ready, and ends as it is told: all the supervisor knows of a process. */
const standIn = (name: string, entry: string): string => `
import { announceProcess, onStop, reportReady } from '../db/process/lifecycle.ts'
announceProcess(process.env.SINEW_DATA_DIR ?? '', '${name}', '${entry}')
const timer = setInterval(() => {}, 1000)
console.log(JSON.stringify({ level: 30, msg: 'started', name: '${name}', database: Boolean(process.env.DATABASE_URL), temporal: process.env.TEMPORAL_ADDRESS }))
onStop((reason) => {
  console.log(JSON.stringify({ level: 30, msg: 'ended by ' + reason, name: '${name}' }))
  setTimeout(() => { clearInterval(timer); process.exit(0) }, Number(process.env.STAND_IN_DRAIN_MS ?? 0))
})
reportReady('http://127.0.0.1:' + process.env.PORT)
`

const standIns = { gateway: 'gateway/server.ts', control: 'gateway/control.ts', learner: 'workflows/learner.ts' }

/** What a clone of the repository has, as it stands in the working tree. */
const productParts = [
  'docker',
  'db',
  'gateway',
  'workflows',
  'admin',
  'temporal.config.ts',
  'package.json',
  'package-lock.json',
]

/** The whole product, installed but never started. */
export function copyProduct(name: string): Clone {
  const clone = makeFolder(name)
  const { root } = clone
  for (const path of productParts)
    cpSync(join(productRoot, path), join(root, path), {
      recursive: true,
      filter: (source) => !/\/(test|dist)$/.test(source),
    })
  symlinkSync(join(productRoot, 'node_modules'), join(root, 'node_modules'))
  return clone
}

function makeFolder(name: string): Clone {
  const parent = mkdtempSync(join(tmpdir(), 'sinew-test-'))
  const root = join(parent, name)
  const dataDir = join(root, '.sinew')
  mkdirSync(root, { recursive: true })
  const remove = (): void => {
    const note = join(dataDir, 'postgres-home')
    if (existsSync(note)) rmSync(readFileSync(note, 'utf8').trim(), { recursive: true, force: true })
    rmSync(parent, { recursive: true, force: true })
  }
  return { root, dataDir, remove }
}

/** `name` becomes part of the path, so that a test can ask for one with spaces. */
export function makeClone(name = 'clone', override: Partial<Record<keyof typeof standIns, string>> = {}): Clone {
  const { root, dataDir, remove } = makeFolder(name)
  const copied = ['docker', 'db', 'gateway/config.ts', 'temporal.config.ts', 'package.json', 'package-lock.json']
  for (const path of copied)
    cpSync(join(productRoot, path), join(root, path), {
      recursive: true,
      filter: (source) => !source.endsWith('/test'),
    })
  symlinkSync(join(productRoot, 'node_modules'), join(root, 'node_modules'))
  for (const [process, entry] of Object.entries(standIns) as [keyof typeof standIns, string][]) {
    mkdirSync(dirname(join(root, entry)), { recursive: true })
    writeFileSync(join(root, entry), override[process] ?? standIn(process, entry))
  }
  return { root, dataDir, remove }
}
