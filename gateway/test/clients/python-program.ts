/**
 * Clients that are Python packages: found by variable, else in an environment of their own in the user's cache, else
 * installed there, once, by the pip of the Python that is there.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { onLines, spawnProgram, waitForClose } from '../../../docker/process/running.ts'

export interface PythonPackage {
  /** Names a Python that has the package already. */
  variable: string
  /** Of the folder in the cache. */
  name: string
  /** As pip is asked for it, with its version. */
  requirement: string
}

export const pydanticAi: PythonPackage = {
  variable: 'PYDANTIC_AI_PYTHON',
  name: 'pydantic-ai-2.68.0',
  requirement: 'pydantic-ai-slim[openai,anthropic]==2.68.0',
}

const installMs = 240_000

export type FoundPython = { python: string } | { missing: string }

export async function findPython(wanted: PythonPackage, env: NodeJS.ProcessEnv): Promise<FoundPython> {
  const chosen = env[wanted.variable]
  if (chosen)
    return existsSync(chosen) ? { python: chosen } : { missing: `${wanted.variable} is ${chosen}, which is not there` }
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  const cache = join(base, 'sinew', 'clients')
  const folder = join(cache, wanted.name)
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return { python }
  try {
    mkdirSync(cache, { recursive: true })
    const making = mkdtempSync(`${folder}.`)
    try {
      await run('python3', ['-m', 'venv', making], env)
      await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', wanted.requirement], env)
      // Whole or not at all; where somebody was faster, theirs stays.
      if (!existsSync(folder)) renameSync(making, folder)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      missing: `${wanted.requirement} cannot be installed: ${why}. Install Python 3.10 or later with venv and pip (python3, python3-venv, python3-pip), or set ${wanted.variable} to a Python that has the package`,
    }
  }
  return { python }
}

async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = await spawnProgram(program, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(installMs),
  })
  child.on('error', () => {})
  const lines: string[] = []
  onLines(child.stderr, (line) => void (lines.push(line) > 5 && lines.shift()))
  const reason = await waitForClose(child)
  if (reason !== 'exit code 0') throw new Error(`${args.slice(0, 3).join(' ')}: ${reason} ${lines.join(' ')}`.trim())
}
