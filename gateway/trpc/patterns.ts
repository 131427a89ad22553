import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { PatternItem } from '../../db/repositories/patterns.ts'
import { hasAnalyst } from './analyst.ts'
import { router, stored } from './init.ts'
import { byId, page } from './inputs.ts'
import type { Services } from './services.ts'

const cursor = z
  .string()
  .regex(/^\d{1,18}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a nextCursor of this list')
  .transform((text) => ({ frequency: Number(text.split('.')[0]), id: text.split('.')[1] ?? '' }))
const listInput = z
  .strictObject({ limit: page.limit, cursor: cursor.nullish().transform((found) => found ?? null), order: z.enum(['newest', 'frequent']).default('newest') })
  .prefault({})

export const patternsRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input }) => {
    const [{ items, nextCursor }, analyst] = await Promise.all([ctx.services.patterns.list(input.order, input.limit, input.cursor), hasAnalyst(ctx.services)])
    return { items: items.map((item) => toView(ctx.services, item, analyst)), nextCursor }
  }),

  get: stored.input(byId).query(async ({ ctx, input }) => {
    const item = await ctx.services.patterns.find(input.id)
    if (item === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no pattern ${input.id}` })
    return toView(ctx.services, item, await hasAnalyst(ctx.services))
  }),
})

/** With what stands between a weak pattern and a better prompt, in words. */
function toView(services: Services, item: PatternItem, analyst: boolean) {
  const { minExchanges, maxSuccessRate } = services.config.learning.enhance
  const weak = item.successRate !== null && item.successRate <= maxSuccessRate
  const missing = Math.max(0, minExchanges - item.frequency)
  const note = !weak || item.enhancementId !== null ? null : missing > 0 ? `${missing} more exchanges until a better prompt is asked for` : analyst ? null : 'no analyst configured'
  return { ...item, weak, note }
}
