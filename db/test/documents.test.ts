/** Documents and comments stay true: what they name exists. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const documents = listFiles('*.md').filter((path) => !path.endsWith('.LICENSE.md'))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Files of the working tree, those that are not committed yet included. */
function listFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns]
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)))
}

/** Paths from the root of the repository, to a file or, with a slash at the end, to a folder. */
function findPaths(text: string): string[] {
  const named =
    /(?<![\w./@-])((?:admin|gateway|workflows|db|docker)\/(?:[\w-]+\/)*(?:[\w.-]+\.(?:ts|tsx|mjs|mts|md|yaml|go|css|json|jsonl))?)(?![\w*<])/g
  return [...text.matchAll(named)].map((match) => match[1] as string)
}

test('every folder with a page of its own is linked from the front page, which fits on about a hundred lines', () => {
  const pages = ['gateway', 'workflows', 'db', 'admin', 'docker'].map((folder) => `${folder}/README.md`)
  expect(pages.filter((page) => !read('README.md').includes(`](${page})`))).toEqual([])
  expect(read('README.md').split('\n').length).toBeLessThan(120)
})

test.each(documents)('every path that %s names exists', (document) => {
  const text = read(document)
  const paths = [...text.matchAll(/`([^`\n]+)`/g)].flatMap((match) => findPaths(match[1] as string))
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] as string)
  expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([])
})

test('every command that a document names is a script of the package', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const commands = documents
    .flatMap((document) => [...read(document).matchAll(/npm (?:run ([\w-]+)|(start|test))\b/g)])
    .map((match) => (match[1] ?? match[2]) as string)
  expect(commands.length).toBeGreaterThan(10)
  expect([...new Set(commands)].filter((command) => !(command in scripts))).toEqual([])
})

test('every file that a comment names exists', () => {
  const missing = listFiles('*.ts', '*.tsx', '*.mjs', '*.mts').flatMap((file) => {
    const comments = read(file).match(/\/\*\*[\s\S]*?\*\/|(?<=^\s*)\/\/.*$/gm) ?? []
    const paths = comments.flatMap(findPaths).filter((path) => path.includes('.'))
    return paths.filter((path) => !existsSync(join(root, path))).map((path) => `${file}: ${path}`)
  })
  expect(missing).toEqual([])
})
