/** A database and a data folder of its own, and the parts of a learner that a test wants to run on them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MikroORM } from '@mikro-orm/postgresql'
import { Client as TemporalClient, Connection } from '@temporalio/client'
import { Runtime } from '@temporalio/worker'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, inject, vi } from 'vitest'
import { kyselyOf, type Database } from '../../db/database.ts'
import { putCommand } from '../../db/repositories/commands/outgoing-commands.ts'
import { readConfig } from '../../db/config/config.ts'
import type { Log } from '../../db/process/log.ts'
import { migrate, openOrm } from '../../db/orm.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import { createTestDatabase } from '../../docker/test/database.ts'
import { readTemporalConfig, type TemporalConfig } from '../../temporal.config.ts'
import { runLearner } from '../learner/run.ts'
import { startShipper, type Shipper } from '../learner/shipping/shipper.ts'
import { installTemporalRuntime } from '../learner/temporal-runtime.ts'
import { appendExchanges, openTestJournal, randomName, type ExchangeInput } from './journal-input.ts'

export interface Harness {
  url: string
  orm: MikroORM
  database: Database
  dataDir: string
  journal: string
  config: SinewConfig
  temporal: TemporalConfig
  log: Log
  /** Whole exchanges into the journal. */
  write(count: number, input?: (index: number) => ExchangeInput): Promise<string[]>
  /** As the control process puts a person's decision. */
  putCommand(kind: 'start' | 'signal', workflowId: string, name: string, argument: object): Promise<void>
  rows<Row = Record<string, any>>(query: string): Promise<Row[]>
  startShipper(): Shipper
  /**
   * A whole learner in this process. Answers how to stop it; resolves once its worker polls, unless told not to wait.
   */
  startLearner(options?: {
    config?: Partial<SinewConfig>
    temporal?: TemporalConfig
    untilReady?: boolean
  }): Promise<{ stop(): Promise<void> }>
  temporalClient(): Promise<TemporalClient>
  close(): Promise<void>
}

/** Every test of these sources needs the same bundle. */
/** Of this clone: another one's sources would push this one's bundle out. */
const bundleCache = join(import.meta.dirname, '../../node_modules/.cache/sinew-test-bundles')

export const quiet: Log = pino({ level: 'silent' })

export async function openHarness(): Promise<Harness> {
  const { url, drop } = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'sinew-learner-'))
  await migrate(url)
  const orm = await openOrm(url)
  const database = kyselyOf(orm.em.fork())
  const { config } = readConfig({ SINEW_DATA_DIR: dataDir, DATABASE_URL: url })
  const temporal: TemporalConfig = {
    ...readTemporalConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).config,
    taskQueue: `sinew-${randomName()}`,
  }
  const cleanups: (() => Promise<void>)[] = []
  return {
    url,
    orm,
    database,
    dataDir,
    config,
    temporal,
    log: quiet,
    journal: join(dataDir, 'journal'),
    write: async (count, input) => {
      const writer = openTestJournal(join(dataDir, 'journal'))
      const ids = await appendExchanges(writer, count, input)
      await writer.close()
      return ids
    },
    putCommand: (kind, workflowId, name, argument) => putCommand(database, { kind, workflowId, name, argument }),
    rows: async <Row>(query: string) => (await sql.raw<Row>(query).execute(database)).rows,
    startShipper: () =>
      startShipper({ database, directory: join(dataDir, 'journal'), prices: config.prices, log: quiet }),
    startLearner: async (options = {}) => {
      if (!Runtime._instance) installTemporalRuntime(quiet)
      const stopping = new AbortController()
      const ready = Promise.withResolvers<void>()
      const ended = runLearner({
        config: { ...config, ...options.config },
        temporal: options.temporal ?? temporal,
        databaseUrl: url,
        log: quiet,
        signal: stopping.signal,
        onReady: ready.resolve,
        cacheDir: bundleCache,
      })
      if (options.untilReady !== false) await Promise.race([ready.promise, ended])
      const stop = async (): Promise<void> => {
        stopping.abort()
        await ended
      }
      cleanups.push(stop)
      return { stop }
    },
    temporalClient: async () => {
      const connection = await Connection.connect({ address: inject('temporalAddress') })
      cleanups.push(() => connection.close())
      return new TemporalClient({ connection })
    },
    close: async () => {
      for (const cleanup of cleanups.reverse()) await cleanup()
      await orm.close()
      await drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Waits for a condition, not for a time. */
export async function eventually(check: () => Promise<void>, timeoutMs = 120_000): Promise<void> {
  await vi.waitFor(check, { timeout: timeoutMs, interval: 50 })
}

/** Ships until the journal is read to its end. */
export async function shipAll(harness: Harness): Promise<void> {
  const shipper = harness.startShipper()
  try {
    await eventually(async () => expect(shipper.caughtUpAt).toBeGreaterThan(0))
  } finally {
    await shipper.stop()
  }
}
