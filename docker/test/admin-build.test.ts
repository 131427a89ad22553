import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAdmin } from '../supervisor/admin-build.ts'
import { productRoot } from './clone.ts'

const root = mkdtempSync(join(tmpdir(), 'sinew-admin-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const page = (title: string): string => `<!doctype html><html><head><title>${title}</title></head><body></body></html>`
const lines: string[] = []
const build = () => buildAdmin({ root, env: process.env, report: (_, message) => lines.push(message) })
const built = (): string => readFileSync(join(root, 'admin/dist/index.html'), 'utf8')

beforeAll(() => {
  mkdirSync(join(root, 'admin/test'), { recursive: true })
  symlinkSync(join(productRoot, 'node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'admin/vite.config.ts'), 'export default { root: import.meta.dirname }')
  writeFileSync(join(root, 'admin/index.html'), page('one'))
})

test('pages are built when they are missing, and kept while their sources are the same', async () => {
  expect(await build()).toBe(true)
  expect(built()).toContain('one')
  const { ino } = statSync(join(root, 'admin/dist'))
  writeFileSync(join(root, 'admin/test/some.test.ts'), '')
  expect(await build()).toBe(true)
  expect(statSync(join(root, 'admin/dist')).ino).toBe(ino)
})

test('pages are built anew when a source has changed, and the old ones stay when that fails', async () => {
  writeFileSync(
    join(root, 'admin/index.html'),
    page('two').replace('<body>', '<body><script type="module" src="/missing.ts"></script>'),
  )
  expect(await build()).toBe(false)
  expect(lines.at(-1)).toMatch(/^the pages could not be built: vite ended with exit code 1[^]*missing\.ts/)
  expect(lines.at(-1)).not.toMatch(/^\s+at /m)
  expect(built()).toContain('one')
  writeFileSync(join(root, 'admin/index.html'), page('two'))
  expect(await build()).toBe(true)
  expect(built()).toContain('two')
})
