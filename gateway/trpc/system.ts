import type { ProcessReport, StoredState } from '../../db/repositories/system.ts'
import { toWorkflowUrl } from '../../workflows/contract.ts'
import { checkPort, checkRedis, checkUrl, readJournalDepth, type Dependency } from './checks.ts'
import { withTimeout } from './database.ts'
import { procedure, router } from './init.ts'
import { learningNudges } from './nudges.ts'
import type { Services } from './services.ts'

const storedTimeoutMs = 2_500
/** The learner reports every two seconds. */
const staleMs = 10_000

export const systemRouter = router({
  /** Answers also while PostgreSQL is away: that is when it is needed most. */
  status: procedure.query(({ ctx }) => readStatus(ctx.services)),

  /** A nudge whenever patterns, outcomes, enhancements or reanalyses have changed; carries no data. */
  changes: procedure.subscription(({ ctx, signal }) => learningNudges(ctx.services, signal ?? new AbortController().signal)),
})

async function readStatus(services: Services) {
  const { config, gateway, temporal, system, kv } = services
  const [stored, temporalPort, redis, gatewayAnswer, disk] = await Promise.all([
    withTimeout(system.read(), storedTimeoutMs).catch(() => null),
    checkPort(temporal.connection.address),
    checkRedis(kv, config.redisUrl),
    checkGateway(gateway.host, gateway.port),
    readJournalDepth(config.dataDir),
  ])
  const reports = stored?.processes ?? []
  const learner = reports.find((report) => report.name === 'learner') ?? null
  const journal = toJournal(disk, learner)
  return {
    checkedAt: new Date().toISOString(),
    dependencies: {
      postgres: toPostgres(stored),
      temporal: temporalPort,
      redis,
      gateway: gatewayAnswer,
      learner: toLearner(stored, learner),
    },
    journal,
    shipper: { lagMs: journal === null ? null : journal.ageMs, waitingWorkflows: stored?.workflows ?? null, waitingCommands: stored?.commands ?? null },
    quarantined: stored?.quarantined ?? null,
    analyst: {
      configured: config.claude !== null,
      model: config.claude?.model ?? null,
      host: config.claude === null ? null : new URL(config.claude.baseUrl).host,
      callsToday: stored?.analyst.callsToday ?? null,
      maxCallsPerDay: config.claude?.maxCallsPerDay ?? null,
      tokensToday: stored?.analyst.tokensToday ?? null,
      maxTokensPerDay: config.claude?.maxTokensPerDay ?? null,
    },
    providers: config.providers.length > 0 ? config.providers.map((provider) => ({ name: provider.name, dialect: provider.dialect, simulation: false })) : [{ name: 'sim', dialect: null, simulation: true }],
    processes: reports,
    temporalUrl: temporal.uiUrl === null ? null : toWorkflowUrl(temporal.uiUrl, temporal.namespace, '')?.replace(/\/$/, '') ?? null,
  }
}

function toPostgres(stored: StoredState | null): Dependency {
  return stored === null ? { state: 'down', detail: 'does not answer, or its tables are not made yet' } : { state: 'up', detail: null }
}

function toLearner(stored: StoredState | null, report: ProcessReport | null): Dependency {
  if (stored === null) return { state: 'unknown', detail: 'it reports through PostgreSQL, which does not answer' }
  if (report === null) return { state: 'down', detail: 'has never reported' }
  if (report.ageMs > staleMs) return { state: 'stale', detail: `last heard of ${Math.round(report.ageMs / 1000)} s ago` }
  return { state: 'up', detail: null }
}

async function checkGateway(host: string, port: number): Promise<Dependency> {
  if (port === 0) return { state: 'unknown', detail: 'its port is chosen at start' }
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return checkUrl(`http://${reachable}:${port}/healthz`)
}

/** From the disk where the journal is on this machine, else as the learner has reported it. */
function toJournal(disk: { bytes: number; oldestAt: number | null } | null, learner: ProcessReport | null) {
  const reported = disk ?? readReportedJournal(learner)
  if (reported === null) return null
  return { depthBytes: reported.bytes, ageMs: reported.oldestAt === null ? 0 : Math.max(0, Date.now() - reported.oldestAt) }
}

function readReportedJournal(learner: ProcessReport | null): { bytes: number; oldestAt: number | null } | null {
  const journal = learner?.state.journal
  if (typeof journal !== 'object' || journal === null || !('bytes' in journal) || typeof journal.bytes !== 'number') return null
  return { bytes: journal.bytes, oldestAt: 'oldestAt' in journal && typeof journal.oldestAt === 'number' ? journal.oldestAt : null }
}
