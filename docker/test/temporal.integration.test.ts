import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, expect, test } from 'vitest'
import { findPorts } from '../process/ports.ts'
import { signalProcess, type Running } from '../process/running.ts'
import { keepRunning } from '../supervisor/keeper.ts'
import { findPresentProgram } from '../local/temporal-program.ts'
import { launchTemporal } from '../local/temporal.ts'

const parent = mkdtempSync(join(tmpdir(), 'sinew-temporal-'))
let running: Running | null = null
afterAll(async () => {
  running?.kill()
  await running?.exited
  rmSync(parent, { recursive: true, force: true })
})

test(
  'a server that takes connections and answers nothing is ended and started again on its data',
  { timeout: 180_000 },
  async () => {
    const program = (await findPresentProgram(process.env)) ?? ''
    const { ports } = await findPorts([{ variable: 'port', host: '127.0.0.1', port: 0 }])
    const pids: number[] = []
    const lines: string[] = []
    const twice = Promise.withResolvers<void>()
    const keeper = keepRunning({
      name: 'temporal',
      report: (_, message) => lines.push(message),
      healthLimits: { everyMs: 10, failuresMax: 3, startFailuresMax: 1_000_000, graceMs: 100 },
      launch: async () => {
        running = await launchTemporal({
          program,
          folder: join(parent, 'stuck'),
          port: ports.port ?? 0,
          uiPort: null,
          report: console.log,
          env: process.env,
          answerMs: 4_000,
        })
        pids.push(running.pid)
        return running
      },
      // The system goes on taking connections for a process that is stopped.
      onReady: () => (pids.length === 1 ? signalProcess(pids[0] ?? 0, 'SIGSTOP') : twice.resolve()),
    })
    await twice.promise
    keeper.kill()
    expect(new Set(pids).size).toBe(2)
    expect(lines).toEqual([
      'does not work (no answer within 4 s), 3 questions in a row; it is ended',
      'ended by SIGKILL; starting it again',
    ])
  },
)

// The characters that mean something in a database URL are the ones that break paths.
test.each(['with spaces', 'with ? and #'])('a workflow outlives a kill of the server, in a folder %s', async (name) => {
  const program = await findPresentProgram(process.env)
  const { ports } = await findPorts([{ variable: 'port', host: '127.0.0.1', port: 0 }])
  const port = ports.port ?? 0
  const start = async (): Promise<Client> => {
    running = await launchTemporal({
      program: program ?? '',
      folder: join(parent, name),
      port,
      uiPort: null,
      report: console.log,
      env: process.env,
    })
    await running.ready
    return new Client({ connection: await Connection.connect({ address: `127.0.0.1:${port}` }) })
  }
  const first = await start()
  const { workflowId } = await first.workflow.start('waits', {
    workflowId: 'exchange/1',
    taskQueue: 'nobody',
    typedSearchAttributes: undefined,
  })
  await first.connection.close()
  running?.kill()
  expect(await running?.exited).toBe('ended by SIGKILL')
  const second = await start()
  expect((await second.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING')
  await second.connection.close()
  running?.end()
  expect(await running?.exited).toBe('exit code 0')
})
