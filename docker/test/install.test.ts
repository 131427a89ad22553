import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ensureInstalled, findInstallReason } from '../launcher/install.mjs'

const folder = mkdtempSync(join(tmpdir(), 'sinew-install-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lockfile = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  },
}
let clones = 0

function makeClone(): string {
  const root = join(folder, `clone-${clones++}`)
  mkdirSync(root)
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lockfile))
  return root
}

/** What npm leaves behind. */
function installByHand(root: string, version = '1.0.0'): void {
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules/node/bin/node'), '')
  writeFileSync(
    join(root, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version } } }),
  )
}

/** An `npm` that notes its arguments and installs, slowly enough for two to meet. */
function fakeNpm(root: string, ending = ''): string[] {
  const script = join(root, 'npm.mjs')
  writeFileSync(
    script,
    `
    import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
    appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
    ${ending}
    await new Promise((resolve) => setTimeout(resolve, 200))
    mkdirSync('node_modules/node/bin', { recursive: true })
    writeFileSync('node_modules/node/bin/node', '')
    writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }))})`,
  )
  return [process.execPath, script]
}

const calls = (root: string): string[] =>
  existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []
const silent = { print: () => undefined }

test('a fresh clone is installed once, dev packages included, and leaves nothing else behind', async () => {
  const root = makeClone()
  const npm = fakeNpm(root)
  await ensureInstalled(root, { ...silent, npm })
  await ensureInstalled(root, { ...silent, npm })
  expect(calls(root)).toEqual(['ci --include=dev --no-audit --no-fund --loglevel=error'])
  expect(existsSync(join(root, '.sinew'))).toBe(false)
})

test('two commands at once install once', async () => {
  const root = makeClone()
  const npm = fakeNpm(root)
  await Promise.all([ensureInstalled(root, { ...silent, npm }), ensureInstalled(root, { ...silent, npm })])
  expect(calls(root)).toHaveLength(1)
})

test('what a plain npm ci installed is taken as it is', () => {
  const root = makeClone()
  installByHand(root)
  expect(findInstallReason(root)).toBe(null)
  expect(findInstallReason(root)).toBe(null)
})

test.each([
  [
    'there is no node_modules',
    (root: string) => rmSync(join(root, 'node_modules'), { recursive: true }),
    'node_modules is missing',
  ],
  [
    'an install was cut off',
    (root: string) => rmSync(join(root, 'node_modules/.package-lock.json')),
    'node_modules is incomplete',
  ],
  [
    'install scripts did not run',
    (root: string) => rmSync(join(root, 'node_modules/node'), { recursive: true }),
    'the pinned Node is missing',
  ],
  [
    'a package has another version',
    (root: string) => installByHand(root, '0.9.0'),
    'node_modules is not what package-lock.json asks for',
  ],
  [
    'the lockfile changed',
    (root: string) =>
      writeFileSync(
        join(root, 'package-lock.json'),
        JSON.stringify({ packages: { 'node_modules/b': { version: '1.0.0' } } }),
      ),
    'node_modules is not what package-lock.json asks for',
  ],
])('installs when %s', (_, damage, reason) => {
  const root = makeClone()
  installByHand(root)
  expect(findInstallReason(root)).toBe(null)
  // npm's note is newer than the stamp, as it is after any change that npm makes.
  damage(root)
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (existsSync(hidden)) utimesSync(hidden, new Date(Date.now() + 1000), new Date(Date.now() + 1000))
  expect(findInstallReason(root)).toBe(reason)
})

test('a failed install shows what npm said and what to do, and is tried again', async () => {
  const root = makeClone()
  const npm = fakeNpm(root, `console.error('npm error code ENOTFOUND'); process.exit(7)`)
  await expect(ensureInstalled(root, { ...silent, npm })).rejects.toThrow(
    /failed with code 7[^]*ENOTFOUND[^]*run the command again/,
  )
  expect(findInstallReason(root)).not.toBe(null)
})

test('a missing npm is one clear line', async () => {
  const root = makeClone()
  await expect(ensureInstalled(root, { ...silent, npm: [join(root, 'no-such-npm')] })).rejects.toThrow(
    'cannot run npm (ENOENT): npm must be on the PATH',
  )
})

test('stopping ends the install', async () => {
  const root = makeClone()
  const npm = fakeNpm(root, `setInterval(() => {}, 1000); await new Promise(() => {})`)
  const stop = new AbortController()
  const installing = ensureInstalled(root, {
    print: (line) => line.startsWith('installing the packages:') && stop.abort(),
    npm,
    signal: stop.signal,
  })
  await expect(installing).rejects.toThrow('was ended by SIGTERM')
})

test('a read-only clone that is installed starts', () => {
  const root = makeClone()
  installByHand(root)
  chmodSync(join(root, 'node_modules'), 0o555)
  expect(findInstallReason(root)).toBe(null)
})
