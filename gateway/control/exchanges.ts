import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { ExchangeDetail, ExchangeItem } from '../../db/repositories/exchanges/exchanges.ts'
import { toExchangeWorkflowId, toWorkflowUrl } from '../../workflows/contract.ts'
import { decodeBody, toReadable } from './bodies.ts'
import { explainPattern } from './explain.ts'
import { procedure, router, stored } from './init.ts'
import { byId, filters, page, time } from './inputs.ts'
import { followExchanges } from './live.ts'
import type { Services } from './services.ts'

const listInput = z.strictObject({ ...page, ...filters, from: time.optional(), to: time.optional() }).prefault({})
const liveInput = z.strictObject({ lastEventId: z.string().max(100).nullish() }).prefault({})

export const exchangesRouter = router({
  list: stored.input(listInput).query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const { items, nextCursor } = await ctx.services.exchanges.list(filter, limit, cursor)
    return { items: items.map(toView), nextCursor }
  }),

  /** What the filters offer to choose from. */
  names: stored.query(({ ctx }) => ctx.services.exchanges.listNames()),

  get: stored.input(byId).query(async ({ ctx, input }) => {
    const detail = await ctx.services.exchanges.find(input.id)
    if (detail === null) throw new TRPCError({ code: 'NOT_FOUND', message: `there is no exchange ${input.id}` })
    const original = toReadable(detail.originalBody)
    return {
      ...toDetailView(ctx.services, detail, original),
      explanation: await explainPattern(ctx.services, detail, original),
      rules: await nameRules(ctx.services, detail),
    }
  }),

  live: procedure
    .input(liveInput)
    .subscription(({ ctx, input, signal }) =>
      followExchanges(ctx.services, input.lastEventId ?? null, toView, signal ?? new AbortController().signal),
    ),
})

/** The exchange item of the contract, and what lists show beside it. */
function toView<Item extends ExchangeItem>(item: Item) {
  return { ...item, workflowId: toExchangeWorkflowId(item.id) }
}

function toDetailView(services: Services, detail: ExchangeDetail, original: unknown) {
  const { originalBody, sentBody, response, requestHeaders, ...item } = detail
  const answer = response?.body ? decodeBody(response.body, response.headers) : { text: null, problem: null }
  // Sinew answered by itself: nothing went out.
  const neverSent = detail.timings !== null && detail.timings.sentMs === null
  return {
    ...toView(item),
    original,
    sent: neverSent ? null : sentBody === null ? original : toReadable(sentBody),
    /** Whether what was sent differs from what the caller wrote, by a single byte even. */
    changed: sentBody !== null && originalBody !== null && !sentBody.equals(originalBody),
    sentBytes: neverSent ? null : sentBody === null ? detail.requestBytes : sentBody.length,
    headers: requestHeaders,
    ...readArrival(detail),
    response: response && {
      status: response.statusCode,
      headers: response.headers,
      body: answer.text,
      bodyProblem: answer.problem,
      bodyBytes: response.bodyBytes,
      bodyKeptBytes: response.body?.length ?? 0,
      bodyDigest: response.bodyDigest,
      content: response.content,
      toolCalls: response.toolCalls,
      stopReason: response.stopReason,
      refusal: response.refusal,
      usage: item.usage,
    },
    workflowUrl: toWorkflowUrl(services.temporal.uiUrl, services.temporal.namespace, toExchangeWorkflowId(detail.id)),
  }
}

/** How the body came where that is not how it is stored: compressed, or too large to be kept as a whole. */
function readArrival({ decision, response }: ExchangeDetail) {
  return { encoded: decision?.encoded ?? null, upload: response?.change?.upload ?? null }
}

/** What became of transformation rules on its request and its answer, with the names they have. */
async function nameRules({ rules }: Services, detail: ExchangeDetail) {
  const applied = [...(detail.decision?.rules ?? []), ...(detail.response?.change?.rules ?? [])]
  const names = await rules.findNames([...new Set(applied.map(({ id }) => id))])
  return applied.map((rule) => ({ ...rule, name: names.get(rule.id) ?? rule.id }))
}
