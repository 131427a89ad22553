import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { ActResult } from '../../db/repositories/experiments/experiments-admin.ts'
import type { ExperimentSettings } from '../../db/words/experiment.ts'
import { experimentNudgedSignal, toExperimentWorkflowId, workflowNames } from '../../workflows/contract.ts'
import { toFleetLimit } from '../../workflows/domain/experiments/fleet.ts'
import { planExperiment, type Plan } from '../../workflows/domain/experiments/planning.ts'
import { decideAct, experimentStates, type PersonsAct } from '../../workflows/domain/experiments/states.ts'
import { toPlainCause } from '../../workflows/domain/experiments/words.ts'
import { toExperimentView } from './experiment-view.ts'
import { router, stored } from './init.ts'
import { byId, id, page, reason } from './inputs.ts'
import type { Services } from './services.ts'

/** How long an act waits for a gateway to confirm that it goes by it now. */
const activeTimeoutMs = 2_000

const metric = z
  .string()
  .regex(
    /^(success|score|cost|latency|feedback:[A-Za-z0-9_.-]{1,64})$/,
    'must be success, score, cost, latency or feedback:<name>',
  )
const share = z.number().gt(0).max(1)
const ms = z
  .int()
  .min(1)
  .max(3_650 * 86_400_000)
const count = z.int().min(1).max(10_000_000)
/** Whatever is left out comes from the configuration. */
const settings = z.strictObject({
  ramp: z
    .array(share)
    .min(1)
    .max(20)
    .refine(
      (shares) => shares.every((one, index) => index === 0 || one > (shares[index - 1] as number)),
      'must grow from step to step',
    )
    .optional(),
  stepMs: ms.optional(),
  stepUnits: count.optional(),
  windowMs: ms.optional(),
  minimumRunMs: ms.optional(),
  maximumRunMs: ms.optional(),
  expectedUnits: count.optional(),
  maximumPairs: count.optional(),
  holdback: z.number().min(0).max(1).optional(),
  holdbackMs: ms.optional(),
  costIncrease: z.number().min(0).max(10).optional(),
})
const createInput = z.strictObject({
  enhancementId: id,
  metric: metric.default('success'),
  direction: z.enum(['maximise', 'minimise']).optional(),
  model: z.string().min(1).max(300).nullish(),
  hypothesis: reason.nullish(),
  settings: settings.prefault({}),
})
const planInput = z.strictObject({
  enhancementId: id,
  metric: metric.default('success'),
  settings: settings.prefault({}),
})
/** Effects a person may hope for, in the metric's own unit. */
const plannedEffects = [0.02, 0.05, 0.1]
const listInput = z
  .strictObject({ ...page, state: z.enum(experimentStates).optional(), patternId: id.optional() })
  .prefault({})
const actInput = z.strictObject({ id, reason: reason.nullish() })

export const experimentsRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const { items, nextCursor } = await ctx.services.experiments.list(filter, limit, cursor)
    return { items: items.map((item) => toExperimentView(ctx.services, item)), nextCursor }
  }),

  get: stored.input(byId).query(({ ctx, input }) => load(ctx.services, input.id)),

  /** What an experiment with this enhancement would take, before anybody prepares it. */
  plan: stored.input(planInput).query(async ({ ctx, input }) => {
    const patternId = await ctx.services.experiments.findPattern(input.enhancementId)
    if (patternId === null) throw new TRPCError({ code: 'NOT_FOUND', message: toMissing(input.enhancementId) })
    const own = toSettings(ctx.services, input.metric, undefined, input.settings)
    return planFor(ctx.services, patternId, input.metric, own)
  }),

  create: stored.input(createInput).mutation(async ({ ctx, input }) => {
    const experimentId = v7()
    const result = await ctx.services.experiments.create({
      id: experimentId,
      enhancementId: input.enhancementId,
      metric: input.metric,
      settings: toSettings(ctx.services, input.metric, input.direction, input.settings),
      model: input.model ?? null,
      hypothesis: input.hypothesis || null,
      person: ctx.person.name,
    })
    if (result.kind === 'missing') throw new TRPCError({ code: 'NOT_FOUND', message: toMissing(input.enhancementId) })
    if (result.kind === 'served')
      throw new TRPCError({
        code: 'CONFLICT',
        message:
          'enhancementId: it is served to everybody already; withdraw it first to try it against the prompt as it was',
      })
    if (result.kind === 'unusable')
      throw new TRPCError({
        code: 'CONFLICT',
        message: `enhancementId: it is ${result.state}, so there is nothing to try`,
      })
    ctx.services.log.info({ experiment: experimentId, person: ctx.person.name }, 'experiment prepared')
    return load(ctx.services, experimentId)
  }),

  start: stored.input(actInput).mutation(({ ctx, input }) => act(ctx.services, input, 'start', ctx.person.name)),
  stop: stored.input(actInput).mutation(({ ctx, input }) => act(ctx.services, input, 'stop', ctx.person.name)),
  rollback: stored.input(actInput).mutation(({ ctx, input }) => act(ctx.services, input, 'rollback', ctx.person.name)),
  promote: stored.input(actInput).mutation(({ ctx, input }) => act(ctx.services, input, 'promote', ctx.person.name)),
})

function toMissing(enhancementId: string): string {
  return `enhancementId: there is no enhancement ${enhancementId}`
}

/** Less is better for cost and latency, unless the person chooses otherwise. */
export function toSettings(
  { config }: Pick<Services, 'config'>,
  metricName: string,
  direction?: ExperimentSettings['direction'],
  chosen: z.output<typeof settings> = {},
): ExperimentSettings {
  const { evaluateEveryMs: _, ...defaults } = config.experiments
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined))
  return {
    ...defaults,
    ...given,
    direction: direction ?? (metricName === 'cost' || metricName === 'latency' ? 'minimise' : 'maximise'),
  }
}

export function toStartCommand(experimentId: string) {
  return {
    kind: 'start',
    workflowId: toExperimentWorkflowId(experimentId),
    name: workflowNames.experiment,
    argument: { experimentId },
  } as const
}

export async function act(services: Services, input: z.output<typeof actInput>, wanted: PersonsAct, person: string) {
  const command =
    wanted === 'start'
      ? toStartCommand(input.id)
      : ({
          kind: 'signal',
          workflowId: toExperimentWorkflowId(input.id),
          name: experimentNudgedSignal,
          argument: {},
        } as const)
  // Attached before the act, so that the quickest gateway is heard too.
  const applied = services.changes.waitFor('sinew_snapshot_applied', input.id, activeTimeoutMs)
  const result = await services.experiments.act(
    input.id,
    person,
    ({ state }) => {
      const to = decideAct(state, wanted)
      return (
        to && { to, cause: `${words[wanted]}${input.reason ? `: ${input.reason}` : ''}`, reason: input.reason || null }
      )
    },
    command,
  )
  if (result.kind !== 'done') throw toActError(result, input.id, wanted)
  services.log.info({ experiment: input.id, person, act: wanted }, 'a person acted on an experiment')
  const active = await applied
  return { ...(await load(services, input.id)), active }
}

function toActError(result: Exclude<ActResult, { kind: 'done' }>, experimentId: string, wanted: PersonsAct): TRPCError {
  switch (result.kind) {
    case 'missing':
      return new TRPCError({ code: 'NOT_FOUND', message: `there is no experiment ${experimentId}` })
    case 'occupied':
      return new TRPCError({
        code: 'CONFLICT',
        message: 'another experiment or enhancement of this pattern is under way',
      })
    case 'unapproved':
      return new TRPCError({ code: 'CONFLICT', message: toUnapproved(result) })
    case 'impossible':
      return new TRPCError({
        code: 'CONFLICT',
        message: `it is ${result.state}, so it cannot be ${words[wanted]}${wanted === 'promote' ? '; only a win can' : ''}`,
      })
  }
}

function toUnapproved({ state, mode }: { state: string; mode: string | null }): string {
  if (state === 'approved' && mode === 'serve')
    return 'its enhancement is served to everybody already; withdraw it first to try it against the prompt as it was'
  if (state === 'proposed' || state === 'snoozed')
    return 'its enhancement is not approved yet; approving it in mode experiment starts this experiment'
  return `its enhancement is ${state}, so there is nothing to try`
}

const words: Record<PersonsAct, string> = {
  start: 'started',
  stop: 'stopped',
  rollback: 'rolled back',
  promote: 'promoted',
}

async function load(services: Services, experimentId: string) {
  const item = await services.experiments.find(experimentId)
  if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no experiment ${experimentId}` })
  const details = await services.experiments.details(item)
  const events = details.events.map((event) => ({ ...event, cause: toPlainCause(event.cause) }))
  const planning =
    item.state === 'proposed' ? await planFor(services, item.patternId, item.metric, item.settings) : null
  return { ...toExperimentView(services, item), ...details, events, plan: planning?.effects ?? [], planning }
}

/** `null` = the metric is an amount, whose spread is not known before. */
async function planFor(
  { experiments }: Services,
  patternId: string,
  metricName: string,
  own: ExperimentSettings,
): Promise<Plan | null> {
  if (metricName !== 'success' && metricName !== 'score') return null
  const { successRate, unitsPerDay, exchangesPerUnit, place } = await experiments.planFacts(
    patternId,
    own.fleetPeriodMs,
  )
  const limit = toFleetLimit(place, own.fleetLevel)
  return planExperiment({ rate: successRate ?? 0.5, unitsPerDay, exchangesPerUnit, limit }, own, plannedEffects)
}
