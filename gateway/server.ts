/** The gateway process: configuration, its parts, run, drain. */
import { join, resolve } from 'node:path'
import { readConfig } from '../db/config/config.ts'
import { loadOrCreateCredential } from '../db/process/credentials.ts'
import { openJournalWriter } from '../db/journal/writer.ts'
import { createLog } from '../db/process/log.ts'
import { announceProcess, onStop, reportReady } from '../db/process/lifecycle.ts'
import { endOnProblems } from '../db/config/report-problems.ts'
import { readTemporalConfig } from '../temporal.config.ts'
import { readGatewayConfig } from './config.ts'
import { openGateway } from './gateway.ts'

const { config, problems } = readConfig(process.env)
const gatewayConfig = readGatewayConfig(process.env, config)
const temporal = readTemporalConfig(process.env)
endOnProblems([...problems, ...gatewayConfig.problems, ...temporal.problems])

const log = createLog('gateway')
try {
  announceProcess(config.dataDir, 'gateway', 'gateway/server')
  const keys =
    config.keys.length > 0
      ? config.keys
      : [{ name: 'default', key: loadOrCreateCredential(config.dataDir, 'caller-key'), team: 'default' }]
  const journal =
    config.journal.recording === 'off'
      ? null
      : openJournalWriter({
          directory: join(config.dataDir, 'journal'),
          durability: config.journal.durability,
          onProblem: (message, error) => log.error(error === null ? {} : { err: error }, message),
        })
  const gateway = await openGateway({
    config,
    keys,
    journal,
    temporal: { ...temporal.config.connection, namespace: temporal.config.namespace },
    log,
  })
  const { host, port } = gatewayConfig.config
  const url = await gateway.listen(host, port)
  // The supervisor tells it otherwise, and shows the key itself.
  if (config.keys.length === 0 && process.send === undefined)
    log.info(
      { file: resolve(config.dataDir, 'caller-key') },
      'no key is configured: callers use the generated one in this file',
    )
  log.info({ url }, 'serving')
  reportReady(url)
  onStop((reason) => {
    log.info({ reason }, 'stopping: requests under way are finished')
    void gateway.close().then(() => process.exit(0))
  })
  gateway.followDatabase()
  gateway.followProviders()
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code
  const place = `${gatewayConfig.config.host}:${gatewayConfig.config.port}`
  const words =
    code === 'EADDRINUSE'
      ? `PORT: ${place} is taken by another program`
      : code === 'EACCES' || code === 'EADDRNOTAVAIL'
        ? `HOST, PORT: cannot listen on ${place} (${code})`
        : String(error)
  process.stderr.write(`${words}\n`)
  process.exit(1)
}
