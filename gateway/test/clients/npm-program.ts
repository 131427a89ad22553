/**
 * Command-line clients that are npm packages, too big to be dependencies: found by variable, else in the user's cache,
 * else installed there, once. Their own scripts are not run; each has a file that Node runs.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { onLines, spawnProgram, waitForClose } from '../../../docker/process/running.ts'

export interface NpmProgram {
  /** Names a program that is there already. */
  variable: string
  package: string
  version: string
  /** Within the package. */
  script: string
}

export interface Command {
  program: string
  args: string[]
}

export const claudeCode: NpmProgram = {
  variable: 'CLAUDE_CODE_PATH',
  package: '@anthropic-ai/claude-code',
  version: '2.1.329',
  script: 'cli-wrapper.cjs',
}
export const codex: NpmProgram = {
  variable: 'CODEX_PATH',
  package: '@openai/codex',
  version: '0.169.0',
  script: 'bin/codex.js',
}

const installMs = 180_000

/** A `string` says why it cannot be had. */
export async function findNpmProgram(wanted: NpmProgram, env: NodeJS.ProcessEnv): Promise<Command | string> {
  const chosen = env[wanted.variable]
  if (chosen)
    return existsSync(chosen) ? { program: chosen, args: [] } : `${wanted.variable} is ${chosen}, which is not there`
  const cache = join(
    env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache'),
    'sinew',
    'clients',
  )
  const folder = join(cache, `${wanted.package.replace(/^@/, '').replace('/', '-')}-${wanted.version}`)
  const script = join(folder, 'node_modules', wanted.package, wanted.script)
  const command = { program: process.execPath, args: [script] }
  if (existsSync(script)) return command
  try {
    mkdirSync(cache, { recursive: true })
    const making = mkdtempSync(`${folder}.`)
    try {
      await install(wanted, making, env)
      // Whole or not at all; where somebody was faster, theirs stays.
      if (!existsSync(folder)) renameSync(making, folder)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  } catch (error) {
    return `${wanted.package}@${wanted.version} cannot be installed: ${error instanceof Error ? error.message : String(error)}. Set ${wanted.variable} to use one that is there`
  }
  return existsSync(script) ? command : `${wanted.package}@${wanted.version} has no ${wanted.script}`
}

async function install({ package: name, version }: NpmProgram, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
    '--fetch-retries=1',
    `${name}@${version}`,
  ]
  const child = await spawnProgram('npm', args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(installMs),
  })
  child.on('error', () => {})
  const lines: string[] = []
  onLines(child.stderr, (line) => void (lines.push(line) > 5 && lines.shift()))
  const reason = await waitForClose(child)
  if (reason !== 'exit code 0') throw new Error(`npm install: ${reason} ${lines.join(' ')}`.trim())
}

/** Runs it to its end; what it prints are lines of JSON, or one of them. */
export async function runCommand(
  { program, args }: Command,
  more: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<{ code: string; printed: string; complained: string }> {
  const child = await spawnProgram(program, [...args, ...more], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(60_000),
  })
  child.on('error', () => {})
  let printed = ''
  let complained = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  return { code: await waitForClose(child), printed, complained }
}
