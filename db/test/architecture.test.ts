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
  ['words import words only', 'db/words/a.ts', `import { x } from '../orm.ts'\nx()`, 'import each other only'],
  [
    'configuration knows no repository',
    'db/config/a.ts',
    `import { x } from '../repositories/rules/rules.ts'\nx()`,
    'stand below the database',
  ],
  [
    'workflows import no gateway',
    'workflows/a.ts',
    `import { x } from '../gateway/app.ts'\nx()`,
    'workflows is what we learn',
  ],
  ['domain uses no Node module', 'workflows/domain/a/a.ts', `import { x } from 'node:fs'\nx()`, 'domain is pure'],
  ['domain uses no package', 'workflows/domain/a/b.ts', `import { x } from 'undici'\nx()`, 'no packages'],
  [
    'domain imports no repository',
    'workflows/domain/a/c.ts',
    `import { x } from '../../../db/repositories/exchanges/ingest.ts'\nx()`,
    'domain imports only itself',
  ],
  [
    'domain has no clock',
    'workflows/domain/a/d.ts',
    `export const now = () => Date.now()`,
    '`now` comes in as an argument',
  ],
  [
    'domain has no dice',
    'workflows/domain/a/e.ts',
    `export const dice = () => Math.random()`,
    'random numbers come in',
  ],
  [
    'domain reads no environment',
    'workflows/domain/a/f.ts',
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
    'activities know nothing of the learner',
    'workflows/activities/a.ts',
    `import { x } from '../learner/outbox.ts'\nx()`,
    'learner → activities → analyst → domain',
  ],
  [
    'the analyst knows nothing of activities',
    'workflows/analyst/a.ts',
    `import { x } from '../activities/learn.ts'\nx()`,
    'learner → activities → analyst → domain',
  ],
  [
    'the gateway runs nothing of the learner',
    'gateway/a.ts',
    `import { x } from '../workflows/learner/outbox.ts'\nx()`,
    'nothing of the learner',
  ],
  [
    'the data plane does not know the contract of workflows',
    'gateway/b.ts',
    `import { x } from '../workflows/contract.ts'\nx()`,
    'workflows/domain and nothing else',
  ],
  [
    'bytes know no dialect',
    'gateway/bytes/a.ts',
    `import { x } from '../dialects/translate.ts'\nx()`,
    'gateway/bytes stands below',
  ],
  [
    'state knows no step of the pipeline',
    'gateway/state/a.ts',
    `import { x } from '../pipeline/forward.ts'\nx()`,
    'knows no step of it',
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
    `import { x } from '../gateway/control/router.ts'\nx()`,
    'thin client',
  ],
])('%s', (_, path, code, message) => {
  expect(lint(path, code)).toContain(message)
})

test.each([
  [
    'the admin may import the router by type',
    'admin/ok.ts',
    `import type { X } from '../gateway/control/router.ts'\nexport type Y = X`,
  ],
  [
    'domain may import words and itself',
    'workflows/domain/a/ok.ts',
    `import type { X } from '../../../db/words/rule.ts'\nimport { y } from '../rules/f.ts'\nexport const z = (x: X) => y(x)`,
  ],
  [
    'the data plane may load the domain',
    'gateway/ok.ts',
    `import { y } from '../workflows/domain/exchanges/prompt.ts'\ny()`,
  ],
  [
    'the control process may load the contract',
    'gateway/control/ok.ts',
    `import { x } from '../../workflows/contract.ts'\nx()`,
  ],
  [
    'definitions may import activity types',
    'workflows/definitions/ok.ts',
    `import type { X } from '../activities/learn.ts'\nexport type Y = X`,
  ],
])('%s', (_, path, code) => {
  expect(lint(path, code)).toContain('Found 0 warnings and 0 errors')
})
