/** From no Temporal to a running one, in the background: the gateway serves meanwhile, and after it failed too. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pidFile } from '../../db/process/lifecycle.ts'
import type { Report } from '../process/output.ts'
import type { Running } from '../process/running.ts'
import { findPresentProgram, findTemporalProgram } from './temporal-program.ts'
import { launchTemporal, stopOrphanTemporal } from './temporal.ts'

export interface BringUpOptions {
  env: NodeJS.ProcessEnv
  dataDir: string
  port: number
  uiPort: number
  namespace: string
  report: Report
  print: (line: string) => void
  signal: AbortSignal
  onFound: (launch: () => Promise<Running>) => void
  onMissing: () => void
}

/** How soon a program that a person has installed meanwhile is noticed. */
const lookAgainMs = 15_000

/** Never rejects. */
export async function bringUpTemporal(options: BringUpOptions): Promise<void> {
  const { env, report, signal } = options
  try {
    const found = await findTemporalProgram({ env, report, signal })
    signal.throwIfAborted()
    if ('path' in found) return options.onFound(toLaunch(found.path, options))
    options.print(`sinew  ${found.missing}. Requests are answered and recorded; what waits for its workflow is kept.`)
    options.onMissing()
    for (;;) {
      await pause(lookAgainMs, undefined, { signal })
      const path = await findPresentProgram(env)
      signal.throwIfAborted()
      if (path) return options.onFound(toLaunch(path, options))
    }
  } catch (error) {
    if (signal.aborted) return
    report('temporal', error instanceof Error ? error.message : String(error))
    options.onMissing()
  }
}

function toLaunch(
  program: string,
  { env, dataDir, port, uiPort, namespace, report }: BringUpOptions,
): () => Promise<Running> {
  return async () => {
    await stopOrphanTemporal(pidFile(dataDir, 'temporal'))
    return launchTemporal({ program, folder: join(dataDir, 'temporal'), port, uiPort, namespace, report, env })
  }
}
