/** Where the upstream and the load generator come from: one small Go program where Go is there, else two on Node. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runProgram, type Command } from './processes.ts'

export interface Programs {
  /** What the table says of both. */
  kind: string
  upstream: Command
  /** Its last argument, the plan, is still to be added. */
  load: Command
}

const here = import.meta.dirname
const sources = ['go.mod', 'main.go', 'upstream.go', 'load.go']
const buildPatienceMs = 180_000

export async function findPrograms(say: (text: string) => void): Promise<Programs> {
  const go = await buildGo(say)
  if (go)
    return {
      kind: go.version,
      upstream: { file: go.binary, args: ['upstream'] },
      load: { file: go.binary, args: ['load'] },
    }
  return {
    kind: `Node ${process.versions.node} (Go not found; dearer than Go, so the ratios look better than they are)`,
    upstream: { file: process.execPath, args: [join(here, 'upstream.ts')] },
    load: { file: process.execPath, args: [join(here, 'load.ts')] },
  }
}

async function buildGo(say: (text: string) => void): Promise<{ binary: string; version: string } | null> {
  let version: string
  try {
    version = (await runProgram({ file: 'go', args: ['env', 'GOVERSION'] }, 10_000)).replace(/^go/, 'Go ')
  } catch {
    return null
  }
  const hash = createHash('sha256').update(version)
  for (const source of sources) hash.update(readFileSync(join(here, source)))
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sinew', 'bench')
  const binary = join(folder, `bench-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return { binary, version }
  say(`building the upstream and the load generator with ${version}`)
  mkdirSync(folder, { recursive: true })
  // Renamed when it is complete: two benches may build at once.
  const unfinished = `${binary}.${process.pid}`
  try {
    await runProgram(
      {
        file: 'go',
        args: ['build', '-o', unfinished, '.'],
        cwd: here,
        env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' },
      },
      buildPatienceMs,
    )
  } catch (error) {
    say(
      `Go is there but does not build them, Node takes its place: ${error instanceof Error ? error.message : String(error)}`,
    )
    return null
  }
  renameSync(unfinished, binary)
  return { binary, version }
}
