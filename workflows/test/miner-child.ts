/** A miner in a process of its own, so that it can be killed; its one argument is what it runs on, as JSON. */
import { pino } from 'pino'
import { kyselyOf } from '../../db/database.ts'
import { openOrm } from '../../db/orm.ts'
import { startMiner } from '../learner/mining/miner.ts'

const { databaseUrl } = JSON.parse(process.argv[2] ?? '{}') as { databaseUrl: string }
const orm = await openOrm(databaseUrl)
const miner = startMiner({
  database: kyselyOf(orm.em.fork()),
  thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
  resolveAnalyst: async () => null,
  log: pino({ level: 'silent' }),
})
process.on('SIGTERM', () => void miner.stop().then(() => process.exit(0)))
setInterval(() => {}, 60_000)
