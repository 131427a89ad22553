import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { ProcessReport, StoredState } from '../../db/repositories/system/system.ts'
import { toWorkflowUrl } from '../../workflows/contract.ts'
import { switchAnalyst, switchInput, toAnalystView } from './analyst.ts'
import { checkRedis, checkTemporal, checkUrl, readJournalDepth, type Dependency } from './checks.ts'
import { withTimeout } from './database.ts'
import { procedure, router, stored } from './init.ts'
import { learningNudges } from './nudges.ts'
import { byId, id, page } from './inputs.ts'
import { toLearning } from './learning.ts'
import type { Services } from './services.ts'

const storedTimeoutMs = 2_500
/** The learner reports every two seconds; one that is short of processor time for a while is not taken for dead. */
const staleMs = 15_000

/** How long ago the page looked; what has changed since then nudges it at once. */
const changesInput = z
  .strictObject({ sinceMs: z.number().min(0).default(0), lastEventId: z.string().nullish() })
  .prefault({})

const findingsInput = z
  .strictObject({
    ...page,
    kind: z.enum(['drift', 'stale_enhancement', 'model_change']).optional(),
    patternId: id.optional(),
    open: z.boolean().default(true),
  })
  .prefault({})

export const systemRouter = router({
  /** Answers also while PostgreSQL is away: that is when it is needed most. */
  status: procedure.query(({ ctx }) => readStatus(ctx.services)),

  /** How far learning is behind; every page asks whose numbers that makes old. */
  learning: procedure.query(async ({ ctx }) => (await readLearning(ctx.services)).learning),

  /** Decides whether prompts of weak patterns go to an analyst, and to which provider; `null` = to nobody. */
  switchAnalyst: stored.input(switchInput).mutation(async ({ ctx, input }) => {
    await switchAnalyst(ctx.services, input, ctx.person.name)
    return toAnalystView(ctx.services, await ctx.services.system.read())
  }),

  /** What the scheduled jobs have found, newest first. */
  findings: stored
    .input(findingsInput)
    .query(({ ctx, input: { limit, cursor, ...filter } }) => ctx.services.findings.list(filter, limit, cursor)),

  /** Puts a finding aside; what is found again after a week is shown again. */
  dismissFinding: stored.input(byId).mutation(async ({ ctx, input }) => {
    if (!(await ctx.services.findings.putAside(input.id, ctx.person.name)))
      throw new TRPCError({ code: 'NOT_FOUND', message: `there is no open finding ${input.id}` })
    ctx.services.log.info({ finding: input.id, person: ctx.person.name }, 'finding put aside')
    return { id: input.id }
  }),

  /** A nudge whenever something of the learned has changed: it says what, and carries no data. */
  changes: procedure
    .input(changesInput)
    .subscription(({ ctx, input, signal }) =>
      learningNudges(ctx.services, input.sinceMs, signal ?? new AbortController().signal),
    ),
})

async function readStatus(services: Services) {
  const { config, gateway, temporal, kv } = services
  const gatewayUrl = toGatewayUrl(gateway)
  const [{ stored, temporalAnswer, learner, learnerState, learning }, redis, gatewayAnswer, disk] = await Promise.all([
    readLearning(services),
    checkRedis(kv, config.redisUrl),
    gatewayUrl === null
      ? ({ state: 'unknown', detail: 'its port is chosen at start' } as const)
      : checkUrl(`${gatewayUrl}/healthz`),
    readJournalDepth(config.dataDir),
  ])
  const journal = disk === null ? readReportedJournal(learner) : toJournal(disk.bytes, disk.oldestAt)
  return {
    checkedAt: new Date().toISOString(),
    dependencies: {
      postgres: toPostgres(stored),
      temporal: temporalAnswer,
      redis,
      gateway: gatewayAnswer,
      learner: learnerState,
    },
    journal,
    learning,
    shipper: {
      lagMs: readReportedLag(learner) ?? journal?.ageMs ?? null,
      waitingWorkflows: stored?.workflows ?? null,
      waitingCommands: stored?.commands ?? null,
    },
    quarantined: stored?.quarantined ?? null,
    analyst: toAnalystView(services, stored),
    providers: toProviders(config.providers),
    gatewayUrl,
    processes: stored?.processes ?? [],
    temporalUrl: toTemporalUrl(temporal),
  }
}

/** `learning: null` = not known while PostgreSQL is away. */
async function readLearning({ system, temporal }: Pick<Services, 'system' | 'temporal'>) {
  const [stored, temporalAnswer] = await Promise.all([
    withTimeout(system.read(), storedTimeoutMs).catch(() => null),
    checkTemporal({ ...temporal.connection, namespace: temporal.namespace }),
  ])
  const learner = stored?.processes.find((report) => report.name === 'learner') ?? null
  const learnerState = toLearner(stored, learner)
  const signs = {
    partsWork: learnerState.state === 'up' && temporalAnswer.state === 'up',
    sinceLearnedSeconds: readSinceLearned(learner),
  }
  const learning = stored === null ? null : toLearning(stored.learning, signs)
  return { stored, temporalAnswer, learner, learnerState, learning }
}

function toProviders(providers: Services['config']['providers']) {
  if (providers.length === 0)
    return [{ name: 'sim', kind: null, dialect: null, models: ['echo', 'story', 'tools'], simulation: true }]
  return providers.map(({ name, kind, dialect, models }) => ({ name, kind, dialect, models, simulation: false }))
}

function toTemporalUrl({ uiUrl, namespace }: Services['temporal']): string | null {
  return uiUrl === null ? null : (toWorkflowUrl(uiUrl, namespace, '')?.replace(/\/$/, '') ?? null)
}

function toPostgres(stored: StoredState | null): Dependency {
  return stored === null
    ? { state: 'down', detail: 'does not answer, or its tables are not made yet' }
    : { state: 'up', detail: null }
}

function toLearner(stored: StoredState | null, report: ProcessReport | null): Dependency {
  if (stored === null) return { state: 'unknown', detail: 'it reports through PostgreSQL, which does not answer' }
  if (report === null) return { state: 'down', detail: 'has never reported' }
  if (report.ageMs > staleMs) return { state: 'stale', detail: `last heard of ${toAge(report.ageMs)} ago` }
  const { state, error } = asObject(report.state.worker)
  return {
    state: 'up',
    detail: typeof state === 'string' ? `worker ${state}${typeof error === 'string' ? `: ${error}` : ''}` : null,
  }
}

function toAge(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 120
    ? `${seconds} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3_600)} h`
}

/** Where the gateway of this configuration is reached from this machine; `null` = its port is chosen at start. */
function toGatewayUrl({ host, port }: { host: string; port: number }): string | null {
  if (port === 0) return null
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `http://${reachable}:${port}`
}

/** In a cluster the journal is on another machine; its learner says how deep it is. */
function readReportedJournal(learner: ProcessReport | null): Journal | null {
  const { bytes, oldestAt } = asObject(learner?.state.journal)
  return typeof bytes === 'number' ? toJournal(bytes, typeof oldestAt === 'string' ? Date.parse(oldestAt) : null) : null
}

/** How far the shipper is behind, by its own account; an old account says nothing of now. */
function readReportedLag(learner: ProcessReport | null): number | null {
  if (learner === null || learner.ageMs > staleMs) return null
  const { lagMs } = asObject(learner.state.shipper)
  return typeof lagMs === 'number' ? lagMs : null
}

function readSinceLearned(learner: ProcessReport | null): number | null {
  const { lastLearnedAt } = asObject(learner?.state.learning)
  return typeof lastLearnedAt === 'string' ? (Date.now() - Date.parse(lastLearnedAt)) / 1000 : null
}

interface Journal {
  depthBytes: number
  ageMs: number
}

function toJournal(bytes: number, oldestAt: number | null): Journal {
  return { depthBytes: bytes, ageMs: oldestAt === null ? 0 : Math.max(0, Math.round(Date.now() - oldestAt)) }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
