import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, expect, test } from 'vitest'
import { findPorts } from '../process/ports.ts'
import type { Running } from '../process/running.ts'
import { findPresentProgram } from '../local/temporal-program.ts'
import { launchTemporal } from '../local/temporal.ts'

const parent = mkdtempSync(join(tmpdir(), 'sinew-temporal-'))
let running: Running | null = null
afterAll(async () => {
  running?.kill()
  await running?.exited
  rmSync(parent, { recursive: true, force: true })
})

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
