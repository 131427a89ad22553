import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { ReanalysisItem } from '../../db/repositories/reanalysis/reanalysis-items.ts'
import {
  reanalysisSignals,
  toReanalysisWorkflowId,
  toWorkflowUrl,
  workflowNames,
  type ReanalysisInput,
} from '../../workflows/contract.ts'
import { router, stored } from './init.ts'
import { byId, filters, id, page, time } from './inputs.ts'
import { checkCaps, estimateReanalysis } from './reanalysis-estimate.ts'
import { followReanalysis } from './reanalysis-progress.ts'
import type { Services } from './services.ts'

const caps = z.strictObject({
  maxPerSecond: z.number().min(0.1).max(100_000).optional(),
  maxClaudeCalls: z.int().min(0).max(100_000).optional(),
  maxUsd: z.number().min(0).max(1_000_000).optional(),
})
const startInput = z
  .strictObject({ from: time, to: time, filter: z.strictObject(filters).optional(), caps: caps.optional() })
  .refine((input) => input.from < input.to, { path: ['to'], message: 'must be later than from' })

export const reanalysisRouter = router({
  list: stored.input(z.strictObject(page).prefault({})).query(async ({ ctx, input }) => {
    const { items, nextCursor } = await ctx.services.reanalyses.list(input.limit, input.cursor)
    return { items: items.map((item) => toView(ctx.services, item)), nextCursor }
  }),

  /** What `start` with the same input would come to. */
  estimate: stored
    .input(startInput)
    .query(({ ctx, input }) =>
      estimateReanalysis(ctx.services, { ...input.filter, from: input.from, to: input.to }, input.caps ?? {}),
    ),

  start: stored.input(startInput).mutation(async ({ ctx, input }) => {
    const reanalysisId = v7()
    const argument: ReanalysisInput = { reanalysisId }
    const command = {
      kind: 'start',
      workflowId: toReanalysisWorkflowId(reanalysisId),
      name: workflowNames.reanalysis,
      argument,
    } as const
    await checkCaps(ctx.services, input.caps ?? {})
    await ctx.services.reanalyses.start(
      {
        id: reanalysisId,
        filter: { ...input.filter, from: input.from, to: input.to },
        caps: input.caps ?? {},
        person: ctx.person.name,
      },
      command,
    )
    ctx.services.log.info({ reanalysis: reanalysisId, person: ctx.person.name }, 'reanalysis asked for')
    return { id: reanalysisId }
  }),

  status: stored.input(byId).query(({ ctx, input }) => load(ctx.services, input.id)),

  /** The status at once and whenever it has changed; ends with the run. */
  progress: stored
    .input(z.strictObject({ id, lastEventId: z.string().max(100).nullish() }))
    .subscription(async ({ ctx, input, signal }) => {
      await load(ctx.services, input.id)
      return followReanalysis(
        ctx.services,
        input.id,
        () => load(ctx.services, input.id),
        signal ?? new AbortController().signal,
      )
    }),

  pause: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'pause')),
  resume: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'resume')),
  cancel: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'cancel')),

  /** Exchanges that could not be judged, each with the reason. */
  failures: stored.input(z.strictObject({ ...page, id })).query(async ({ ctx, input }) => {
    await load(ctx.services, input.id)
    return ctx.services.reanalyses.failures(input.id, input.limit, input.cursor)
  }),

  retry: stored.input(byId).mutation(async ({ ctx, input }) => {
    const result = await ctx.services.reanalyses.retry(input.id, ({ id: reanalysisId, retries }) => {
      const argument: ReanalysisInput = { reanalysisId, retry: retries }
      return {
        kind: 'start',
        workflowId: toReanalysisWorkflowId(reanalysisId, retries),
        name: workflowNames.reanalysis,
        argument,
      }
    })
    if (result.kind === 'missing') throw notFound(input.id)
    if (result.kind === 'active')
      throw new TRPCError({
        code: 'CONFLICT',
        message: `it is ${result.state}; what failed can be tried again once it is over`,
      })
    if (result.kind === 'nothing')
      throw new TRPCError({ code: 'CONFLICT', message: 'there is no failed exchange to try again' })
    ctx.services.log.info(
      { reanalysis: input.id, person: ctx.person.name },
      'failed exchanges of a reanalysis are tried again',
    )
    return toView(ctx.services, result.item)
  }),
})

async function load(services: Services, reanalysisId: string) {
  const item = await services.reanalyses.find(reanalysisId)
  if (item === null) throw notFound(reanalysisId)
  return toView(services, item)
}

function toView(services: Services, item: ReanalysisItem) {
  return {
    ...item,
    workflowUrl: toWorkflowUrl(
      services.temporal.uiUrl,
      services.temporal.namespace,
      toReanalysisWorkflowId(item.id, item.retries),
    ),
  }
}

/** Answers the state as it stands; the workflow changes it once it has been told. */
async function ask(services: Services, reanalysisId: string, what: keyof typeof reanalysisSignals) {
  const result = await services.reanalyses.ask(reanalysisId, (item) => ({
    kind: 'signal',
    workflowId: toReanalysisWorkflowId(item.id, item.retries),
    name: reanalysisSignals[what],
    argument: {},
  }))
  if (result.kind === 'missing') throw notFound(reanalysisId)
  if (result.kind === 'ended') throw new TRPCError({ code: 'CONFLICT', message: `it is ${result.state} already` })
  return toView(services, result.item)
}

function notFound(reanalysisId: string): TRPCError {
  return new TRPCError({ code: 'NOT_FOUND', message: `there is no reanalysis ${reanalysisId}` })
}
