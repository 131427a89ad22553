/**
 * Programs that only tests and the bench use: found by variable, then on the PATH, then, as root, as Debian's package.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { withFileLock } from '../launcher/file-lock.mjs'
import { spawnProgram, waitForClose } from '../process/running.ts'

export type ProgramName = 'redis-server' | 'nginx' | 'chromium'

interface Facts {
  variable: string
  /** What it may be called on the PATH. */
  names: string[]
  debianPackage: string
}

const programs: Record<ProgramName, Facts> = {
  'redis-server': {
    variable: 'REDIS_SERVER_PATH',
    names: ['redis-server', 'valkey-server'],
    debianPackage: 'redis-server',
  },
  nginx: { variable: 'NGINX_PATH', names: ['nginx'], debianPackage: 'nginx' },
  chromium: {
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
    debianPackage: 'chromium',
  },
}
/** Where a package puts programs that are not for every user's PATH. */
const extraFolders = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
]

/** Resolves to the program's path, or throws what to install and which variable to set. */
export async function findProgram(
  name: ProgramName,
  env: NodeJS.ProcessEnv,
  print: (line: string) => void = console.log,
): Promise<string> {
  const facts = programs[name]
  const chosen = env[facts.variable]
  if (chosen) {
    if (isExecutable(chosen)) return chosen
    throw new Error(`${facts.variable} is ${chosen}, which is not a program`)
  }
  const present = findOnPath(facts.names, env)
  if (present) return present
  const advice = `${name} is needed: install it (Debian: apt-get install ${facts.debianPackage}), or set ${facts.variable} to the program`
  if (process.getuid?.() !== 0 || !findOnPath(['apt-get'], env)) throw new Error(advice)
  await installPackage(facts.debianPackage, print).catch((error: unknown) => {
    throw new Error(`${advice}; ${error instanceof Error ? error.message : String(error)}`)
  })
  const installed = findOnPath(facts.names, env)
  if (!installed) throw new Error(advice)
  return installed
}

function findOnPath(names: string[], env: NodeJS.ProcessEnv): string | null {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...extraFolders]
  for (const name of names)
    for (const folder of folders) if (isExecutable(join(folder, name))) return join(folder, name)
  return null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return existsSync(path)
  } catch {
    return false
  }
}

/** Test files run at the same time, and Debian's tools refuse to. */
async function installPackage(name: string, print: (line: string) => void): Promise<void> {
  await withFileLock('/var/tmp/sinew-apt.lock', async () => {
    const startedAt = Date.now()
    const timer = setInterval(
      () => print(`installing Debian's package ${name}: ${Math.round((Date.now() - startedAt) / 1000)} s`),
      3000,
    )
    try {
      await run(['update', '-q'])
      await run(['install', '-y', '-q', '--no-install-recommends', name])
    } finally {
      clearInterval(timer)
    }
  })
}

async function run(args: string[]): Promise<void> {
  const child = await spawnProgram('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
  })
  const reason = await waitForClose(child)
  if (reason !== 'exit code 0') throw new Error(`apt-get ${args[0]} ended with ${reason}`)
}
