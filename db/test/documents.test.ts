import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('every path that the README names exists', () => {
  const paths = [...readme.matchAll(/`((?:admin|gateway|workflows|db|docker)\/[\w./-]+\.\w+)`/g)].map(
    (match) => match[1] as string,
  )
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every command that the README names is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const commands = [
    ...readme.matchAll(/npm (?:run )?(start|test|gateway|learner|control|bench|check|eval|world)\b/g),
  ].map((match) => match[1] as string)
  expect([...new Set(commands)].filter((command) => !(command in scripts))).toEqual([])
})
