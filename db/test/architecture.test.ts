/** The import rules of the architecture hold because the linter enforces them; here each rule is seen to fire. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinew-lint-'))
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function lint(path: string, code: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  try {
    return execFileSync(join(root, 'node_modules/.bin/oxlint'), [path], { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout: unknown }).stdout)
  }
}

test.each([
  ['db imports nothing above it', 'db/a.ts', `import { x } from '../workflows/contract.ts'\nx()`, 'db is what we know'],
  [
    'workflows import no gateway',
    'workflows/a.ts',
    `import { x } from '../gateway/errors.ts'\nx()`,
    'workflows is what we learn',
  ],
  ['domain uses no Node module', 'workflows/domain/a.ts', `import { x } from 'node:crypto'\nx()`, 'domain is pure'],
  ['domain uses no package', 'workflows/domain/b.ts', `import { x } from 'undici'\nx()`, 'no packages'],
  [
    'domain imports no repository',
    'workflows/domain/c.ts',
    `import { x } from '../../db/repositories/ingest.ts'\nx()`,
    'domain imports only itself',
  ],
  [
    'domain has no clock',
    'workflows/domain/d.ts',
    `export const now = () => Date.now()`,
    '`now` comes in as an argument',
  ],
  ['domain has no dice', 'workflows/domain/e.ts', `export const dice = () => Math.random()`, 'random numbers come in'],
  [
    'domain reads no environment',
    'workflows/domain/f.ts',
    `export const home = process.env.HOME`,
    'environment and clock',
  ],
  [
    'definitions load no activity code',
    'workflows/definitions/a.ts',
    `import { x } from '../activities/learn.ts'\nx()`,
    'types only',
  ],
  ['definitions use no Node module', 'workflows/definitions/b.ts', `import { x } from 'node:fs'\nx()`, 'no Node'],
  [
    'the gateway runs nothing of the learner',
    'gateway/a.ts',
    `import { x } from '../workflows/shipping/shipper.ts'\nx()`,
    'nothing of the learner',
  ],
  [
    'the hot path knows no database',
    'gateway/pipeline/a.ts',
    `import { x } from '../../db/orm.ts'\nx()`,
    'the hot path waits on nothing',
  ],
  [
    'the hot path knows no Redis',
    'gateway/pipeline/b.ts',
    `import { x } from 'ioredis'\nx()`,
    'the hot path waits on nothing',
  ],
  [
    'the admin imports no server code',
    'admin/a.ts',
    `import { x } from '../gateway/trpc/router.ts'\nx()`,
    'thin client',
  ],
])('%s', (_, path, code, message) => {
  expect(lint(path, code)).toContain(message)
})

test.each([
  [
    'the admin may import the router by type',
    'admin/ok.ts',
    `import type { X } from '../gateway/trpc/router.ts'\nexport type Y = X`,
  ],
  [
    'domain may import types from db/types.ts and itself',
    'workflows/domain/ok.ts',
    `import type { X } from '../../db/types.ts'\nimport { y } from './f.ts'\nexport const z = (x: X) => y(x)`,
  ],
  [
    'the gateway may load the contract and the domain',
    'gateway/ok.ts',
    `import { x } from '../workflows/contract.ts'\nimport { y } from '../workflows/domain/prompt.ts'\nx(y)`,
  ],
  [
    'definitions may import activity types',
    'workflows/definitions/ok.ts',
    `import type { X } from '../activities/learn.ts'\nexport type Y = X`,
  ],
])('%s', (_, path, code) => {
  expect(lint(path, code)).toContain('Found 0 warnings and 0 errors')
})
