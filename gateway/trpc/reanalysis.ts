import { TRPCError } from '@trpc/server'
import { v7 } from 'uuid'
import { z } from 'zod'
import type { ReanalysisItem } from '../../db/repositories/reanalyses-admin.ts'
import { reanalysisSignals, toReanalysisWorkflowId, toWorkflowUrl, workflowNames, type ReanalysisInput } from '../../workflows/contract.ts'
import { router, stored } from './init.ts'
import { byId, filters, page, time } from './inputs.ts'
import type { Services } from './services.ts'

const startInput = z
  .strictObject({ from: time, to: time, filter: z.strictObject(filters).optional() })
  .refine((input) => input.from < input.to, { path: ['to'], message: 'must be later than from' })

export const reanalysisRouter = router({
  list: stored.input(z.strictObject(page).prefault({})).query(async ({ ctx, input }) => {
    const { items, nextCursor } = await ctx.services.reanalyses.list(input.limit, input.cursor)
    return { items: items.map((item) => toView(ctx.services, item)), nextCursor }
  }),

  start: stored.input(startInput).mutation(async ({ ctx, input }) => {
    const reanalysisId = v7()
    const argument: ReanalysisInput = { reanalysisId }
    const command = { kind: 'start', workflowId: toReanalysisWorkflowId(reanalysisId), name: workflowNames.reanalysis, argument } as const
    await ctx.services.reanalyses.start(reanalysisId, { ...input.filter, from: input.from, to: input.to }, ctx.person.name, command)
    ctx.services.log.info({ reanalysis: reanalysisId, person: ctx.person.name }, 'reanalysis asked for')
    return { id: reanalysisId }
  }),

  status: stored.input(byId).query(async ({ ctx, input }) => {
    const item = await ctx.services.reanalyses.find(input.id)
    if (item === null) throw notFound(input.id)
    return toView(ctx.services, item)
  }),

  pause: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'pause')),
  resume: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'resume')),
  cancel: stored.input(byId).mutation(({ ctx, input }) => ask(ctx.services, input.id, 'cancel')),
})

function toView(services: Services, item: ReanalysisItem) {
  return { ...item, workflowUrl: toWorkflowUrl(services.temporal.uiUrl, services.temporal.namespace, toReanalysisWorkflowId(item.id)) }
}

/** Answers the state as it stands; the workflow changes it once it has been told. */
async function ask(services: Services, id: string, what: keyof typeof reanalysisSignals) {
  const result = await services.reanalyses.ask(id, { kind: 'signal', workflowId: toReanalysisWorkflowId(id), name: reanalysisSignals[what], argument: {} })
  if (result.kind === 'missing') throw notFound(id)
  if (result.kind === 'ended') throw new TRPCError({ code: 'CONFLICT', message: `it is ${result.state} already` })
  return toView(services, result.item)
}

function notFound(id: string): TRPCError {
  return new TRPCError({ code: 'NOT_FOUND', message: `there is no reanalysis ${id}` })
}
