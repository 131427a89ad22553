/**
 * What a rule is tested on: samples that a person gives, stored exchanges, and where there are none of either, one of
 * each wire.
 */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { RuleSampleRepository, SampleFilter, StoredSample } from '../../db/repositories/rules/rule-samples.ts'
import type { Wire } from '../../db/words/wire.ts'
import { isDerivedSession } from '../../workflows/domain/exchanges/client-ids.ts'
import type { CallFacts } from '../../workflows/domain/rules/facts.ts'
import { wireOf } from '../../workflows/domain/exchanges/wire.ts'
import { id } from './inputs.ts'

const body = z.union([z.record(z.string(), z.unknown()), z.string().max(262_144)], {
  message: 'must be a JSON object, or its text',
})
const name = z.string().min(1).max(300)
const wire = z.enum(['chat', 'responses', 'messages'])

export const samplesInput = {
  samples: z
    .array(
      z.strictObject({
        wire,
        body,
        headers: z.record(z.string().max(100), z.string().max(4_096)).optional(),
        /** For rules that change answers; without it a short one of the wire. */
        answer: z.strictObject({ status: z.int().min(200).max(599).default(200), body }).optional(),
      }),
    )
    .max(50)
    .optional(),
  exchangeIds: z.array(id).max(50).optional(),
  /** Which stored exchanges are taken, where none are named. */
  sampleFilter: z
    .strictObject({ team: name.optional(), key: name.optional(), model: name.optional(), patternId: id.optional() })
    .optional(),
}

export type SamplesInput = z.output<z.ZodObject<typeof samplesInput>>

export interface Sample {
  source: 'given' | 'exchange' | 'standard'
  /** For messages: `samples[0]`, or the id of the exchange. */
  name: string
  exchangeId: string | null
  facts: CallFacts
  request: Buffer
  json: Record<string, unknown>
  answer: { status: number; streaming: boolean; body: Buffer }
}

const maxStored = 10
/** Stored exchanges that are looked through for some that the rule concerns. */
const maxSearched = 200
const samplePage = 50
const monotonicMs = (): number => performance.now()

export async function gatherSamples(
  stored: RuleSampleRepository,
  { samples = [], exchangeIds = [], sampleFilter = {} }: SamplesInput,
  rule: { condition: string; isConcerned: (sample: Sample) => boolean },
  now: number,
): Promise<Sample[]> {
  const given = samples.map((sample, index) => toGiven(sample, `samples[${index}]`, now))
  const named = exchangeIds.length === 0 ? [] : await stored.find(exchangeIds)
  const missing = exchangeIds.find((wanted) => !named.some((found) => found.id === wanted))
  if (missing !== undefined)
    throw new TRPCError({
      code: 'BAD_REQUEST',
      message: `exchangeIds: there is no exchange ${missing} whose request can be a sample`,
    })
  const exchanges =
    given.length + named.length > 0 ? named.flatMap(toSample) : await findConcerned(stored, sampleFilter, rule)
  return given.length + exchanges.length > 0 ? [...given, ...exchanges] : standardSamples(now)
}

/** Exchanges that the rule concerns come first; the rest is filled with the newest ones that it does not concern. */
async function findConcerned(
  stored: RuleSampleRepository,
  filter: SampleFilter,
  { condition, isConcerned }: { condition: string; isConcerned: (sample: Sample) => boolean },
): Promise<Sample[]> {
  const concerned: Sample[] = []
  const others: Sample[] = []
  const narrowed = { ...readNamed(condition), ...withoutUndefined(filter) }
  let before: string | null = null
  for (let searched = 0; searched < maxSearched && concerned.length < maxStored;) {
    const page: StoredSample[] = await stored.listLast(narrowed, before, samplePage)
    for (const sample of page.flatMap(toSample)) (isConcerned(sample) ? concerned : others).push(sample)
    searched += page.length
    before = page.at(-1)?.id ?? null
    if (page.length < samplePage) break
  }
  return [...concerned, ...others].slice(0, maxStored)
}

/**
 * What a condition names outright, so that a team with little traffic is found behind the others. Where it joins
 * alternatives nothing can be left out.
 */
export function readNamed(condition: string): SampleFilter {
  if (/\|\||[!?]/.test(condition)) return {}
  const named: SampleFilter = {}
  for (const [, member, , value] of condition.matchAll(/(?<![\w.])(team|key|model)\s*==\s*(["'])([^"'\\]+)\2/g))
    named[member as 'team' | 'key' | 'model'] = value
  return named
}

function withoutUndefined(filter: SampleFilter): SampleFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

function toGiven(sample: NonNullable<SamplesInput['samples']>[number], name: string, now: number): Sample {
  const request = toText(sample.body)
  const json = parseObject(request)
  if (json === null) throw new TRPCError({ code: 'BAD_REQUEST', message: `${name}.body: must be a JSON object` })
  const answer =
    sample.answer === undefined
      ? standardAnswer(sample.wire)
      : { status: sample.answer.status, streaming: false, body: Buffer.from(toText(sample.answer.body)) }
  const headers = Object.entries(sample.headers ?? {}).map(([header, value]) => [header.toLowerCase(), value] as const)
  return {
    source: 'given',
    name,
    exchangeId: null,
    facts: toFacts(sample.wire, headers, now),
    request: Buffer.from(request),
    json,
    answer,
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function toFacts(of: Wire, headers: CallFacts['headers'], now: number): CallFacts {
  return {
    dialect: of === 'messages' ? 'anthropic' : 'openai',
    wire: of,
    key: 'sample',
    team: 'default',
    session: '',
    pattern: '',
    taskClass: '',
    headers,
    now,
    clock: monotonicMs,
  }
}

/** An exchange whose body was refused as no JSON is no sample. */
function toSample(row: StoredSample): Sample[] {
  const json = parseObject(row.request.toString('utf8'))
  const of = wireOf(row.endpoint)
  if (json === null || of === null) return []
  // A condition sees the session that the client named; one that was derived came later.
  const session = row.sessionKey === null || isDerivedSession(row.sessionKey) ? '' : row.sessionKey
  const facts: CallFacts = {
    dialect: row.dialect,
    wire: of,
    key: row.keyName,
    team: row.team,
    session,
    pattern: row.patternId ?? '',
    taskClass: '',
    headers: row.headers,
    now: new Date(row.at).getTime(),
    clock: monotonicMs,
  }
  return [
    {
      source: 'exchange',
      name: `exchange ${row.id}`,
      exchangeId: row.id,
      facts,
      request: row.request,
      json,
      answer: row.answer ?? standardAnswer(of),
    },
  ]
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const hello = [{ role: 'user', content: 'Hello' }]
const standardRequests: Record<Wire, Record<string, unknown>> = {
  chat: { model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief.' }, ...hello] },
  responses: { model: 'gpt-4o', instructions: 'Be brief.', input: 'Hello' },
  messages: { model: 'claude-sonnet-4-5', max_tokens: 1024, system: 'Be brief.', messages: hello },
}
const standardAnswers: Record<Wire, object> = {
  chat: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Good day.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
  },
  responses: {
    id: 'resp_1',
    object: 'response',
    model: 'gpt-4o',
    status: 'completed',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Good day.', annotations: [] }],
      },
    ],
    usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
  },
  messages: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [{ type: 'text', text: 'Good day.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 3 },
  },
}

function standardAnswer(of: Wire): Sample['answer'] {
  return { status: 200, streaming: false, body: Buffer.from(JSON.stringify(standardAnswers[of])) }
}

function standardSamples(now: number): Sample[] {
  return wire.options.map((of) => {
    const json = standardRequests[of]
    return {
      source: 'standard',
      name: `a short request of ${of}`,
      exchangeId: null,
      facts: toFacts(of, [], now),
      request: Buffer.from(JSON.stringify(json)),
      json,
      answer: standardAnswer(of),
    }
  })
}
