/** The configuration file: read, its placeholders filled in, and checked. What is wrong comes back as problems. */
import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Problem } from '../words/problem.ts'
import { reportDuplicates } from './duplicates.ts'
import type { Environment } from './environment.ts'
import { configurationFile, type ConfigurationFile } from './file-schema.ts'
import { reportKinds } from './provider-config.ts'

/**
 * `${NAME}` stands for itself while the YAML is read and is filled in afterwards: `{ key: ${KEY} }` is not YAML as it
 * is written, and a value filled in before could change the document's structure.
 */
const placeholderStart = '\uE000'
const placeholderEnd = '\uE001'
const placeholders = /\uE000([^\uE001]*)\uE001/g

/** Without a file, or with one that is wrong, the defaults come back. */
export function readFile(env: Environment, problems: Problem[]): ConfigurationFile {
  const path = env.SINEW_CONFIG
  if (!path) return configurationFile.parse({})
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    problems.push({
      path: 'SINEW_CONFIG',
      message: `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    })
    return configurationFile.parse({})
  }
  const document = parseDocument(
    text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, `${placeholderStart}$1${placeholderEnd}`),
  )
  if (document.errors.length > 0) {
    // One slip makes the parser stumble over all that follows: the first places are enough.
    for (const error of document.errors.slice(0, 3))
      problems.push({ path: 'SINEW_CONFIG', message: error.message.split('\n')[0] ?? error.message })
    return configurationFile.parse({})
  }
  const substituted = substitute(document.toJS() ?? {}, env, problems)
  reportDuplicates(substituted.value, problems)
  reportKinds(substituted.value, problems)
  const result = configurationFile.safeParse(substituted.value)
  if (result.success) return result.data
  for (const issue of result.error.issues) problems.push(...toProblems(issue, substituted.missing))
  return configurationFile.parse({})
}

/** Replaces every placeholder; a variable that is not set is a problem at the string's own path. */
function substitute(root: unknown, env: Environment, problems: Problem[]): { value: unknown; missing: Set<string> } {
  const missing = new Set<string>()
  const walk = (node: unknown, at: string): unknown => {
    if (typeof node === 'string') {
      return node.replace(placeholders, (_, variable: string) => {
        const value = env[variable]
        if (value) return value
        missing.add(at)
        problems.push({ path: at, message: `the environment variable ${variable} is not set` })
        return ''
      })
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, `${at}[${index}]`))
    if (node && typeof node === 'object') {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, at ? `${at}.${key}` : key)]))
    }
    return node
  }
  return { value: walk(root, ''), missing }
}

function toProblems(issue: z.core.$ZodIssue, missing: Set<string>): Problem[] {
  const at = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : path ? `${path}.${String(part)}` : String(part)),
    '',
  )
  // A value that is wrong only because its variable is missing has been reported under that name already.
  if (missing.has(at)) return []
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: at ? `${at}.${key}` : key, message: 'is not a known setting' }))
  const required = issue.code === 'invalid_type' && issue.message.includes('received undefined')
  return [{ path: at || 'SINEW_CONFIG', message: required ? 'is required' : issue.message }]
}
