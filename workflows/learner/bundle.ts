/**
 * The workflow code as the sandbox loads it. Building it takes seconds and much memory, so it is kept between starts.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bundleWorkflowCode,
  type Logger,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'

const folder = fileURLToPath(new URL('..', import.meta.url))
/** All that a bundle can hold of ours: definitions may import the domain and the contract, and nothing else. */
const sources = ['contract.ts', 'definitions', 'domain']

export function bundleWorkflows(logger: Logger): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath: join(folder, 'definitions', 'index.ts'), logger })
}

/**
 * The bundle of these very sources from the cache, else a new one. A cache that cannot be written costs time, nothing
 * else.
 */
export async function loadWorkflowBundle(
  cacheDir: string,
  logger: Logger,
): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const name = `workflows-${toSourceDigest()}.js`
  const codePath = join(cacheDir, name)
  if (existsSync(codePath)) return { codePath }
  const { code } = await bundleWorkflows(logger)
  try {
    mkdirSync(cacheDir, { recursive: true })
    const temporary = `${codePath}.${process.pid}`
    writeFileSync(temporary, code)
    renameSync(temporary, codePath)
    for (const other of readdirSync(cacheDir))
      if (other.startsWith('workflows-') && other !== name) rmSync(join(cacheDir, other), { force: true })
    return { codePath }
  } catch {
    return { code }
  }
}

function toSourceDigest(): string {
  const digest = createHash('sha256').update(
    createRequire(import.meta.url)('@temporalio/workflow/package.json').version as string,
  )
  for (const source of sources) {
    const files = source.endsWith('.ts') ? [source] : listSources(source)
    for (const file of files) digest.update(`\n${file}\n`).update(readFileSync(join(folder, file)))
  }
  return digest.digest('hex').slice(0, 32)
}

function listSources(source: string): string[] {
  const names = readdirSync(join(folder, source), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(source, name))
}
