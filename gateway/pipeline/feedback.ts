/**
 * `POST /v1/feedback`: what callers say of an exchange. It is answered once it stands in the journal, so it waits on no
 * database; whose exchange it is, and whether there is one, is found out when it gets to PostgreSQL.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Feedback } from '../../db/journal/records.ts'
import type { JournalWriter } from '../../db/journal/writer.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'
import type { Authenticate } from './authenticate.ts'
import { readBody } from './read-body.ts'
import { undoEncoding } from './undo-encoding.ts'
import type { Counters } from '../state/loss-counts.ts'
import type { KnownFeedback } from '../state/known-feedback.ts'

export interface FeedbackParts {
  authenticate: Authenticate
  /** `null` = nothing is recorded. */
  journal: Pick<JournalWriter, 'append' | 'full'> | null
  known: KnownFeedback
  counters: Pick<Counters, 'add'>
}

/** A refusal is for the caller of this to answer, in the caller's dialect. */
export type AnswerFeedback = (request: IncomingMessage, response: ServerResponse) => Promise<Refusal | null>

const maxBodyBytes = 65_536

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must be text without NUL or broken characters')
const bodySchema = z.strictObject({
  id: text(200),
  exchange: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be the id that x-sinew-exchange named')
    .transform((id) => id.toLowerCase()),
  metric: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be a name: a letter, then up to 63 letters, digits, _ . or -'),
  value: z.union(
    [z.boolean(), z.number().min(0).max(1), text(200)],
    'must be true or false, a number from 0 to 1, or a label of up to 200 characters',
  ),
  comment: text(4_000).nullish(),
})

export function createAnswerFeedback({ authenticate, journal, known, counters }: FeedbackParts): AnswerFeedback {
  /** Two of one id at once: the second is told what becomes of the first. */
  const underWay = new Map<string, Promise<boolean>>()

  const keep = (feedback: Feedback): Promise<boolean> =>
    new Promise((resolve) => {
      if (journal === null || journal.full) return resolve(false)
      journal.append({ kind: 'feedback', feedback }, (error) => {
        if (error === null) known.add(feedback.team, feedback.id)
        resolve(error === null)
      })
    })

  return async (request, response) => {
    const principal = authenticate(request.headers)
    if (principal === null) {
      counters.add('failedAuthentications')
      return refuse('invalid_key', 'the key is missing or not known to this gateway')
    }
    const read = await readBody(request, { maxBytes: maxBodyBytes, heldBytes: maxBodyBytes })
    if (!('body' in read)) return 'fault' in read && read.fault === 'left' ? null : tooLarge
    const plain = undoEncoding(read.body, request.headers['content-encoding'], maxBodyBytes)
    if ('code' in plain) return plain
    const parsed = parse(plain.body)
    if ('code' in parsed) return parsed
    const { id, exchange, metric, value, comment } = parsed
    const name = `${principal.team}\n${id}`
    const before = underWay.get(name)
    if (before !== undefined ? await before : known.has(principal.team, id))
      return answer(response, 200, { id, exchange, status: 'known' })
    const keeping = keep({
      id,
      exchangeId: exchange,
      team: principal.team,
      keyName: principal.keyName,
      metric,
      value,
      comment: comment ?? null,
      at: Date.now(),
    })
    underWay.set(name, keeping)
    const kept = await keeping
    underWay.delete(name)
    if (!kept)
      return refuse(
        'journal_full',
        journal === null
          ? 'journal.recording is off here, so feedback cannot be kept'
          : 'the journal cannot take it; try again',
      )
    return answer(response, 202, { id, exchange, status: 'accepted' })
  }
}

const tooLarge = refuse('body_too_large', `feedback may have at most ${maxBodyBytes} bytes`)

function parse(body: Buffer): z.output<typeof bodySchema> | Refusal {
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    return refuse('invalid_json', 'the body is not JSON')
  }
  const result = bodySchema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0] as z.core.$ZodIssue
  if (issue.code === 'unrecognized_keys')
    return refuse('invalid_field', `${issue.keys[0]}: is not a known field`, issue.keys[0] ?? null)
  const field = issue.path[0] === undefined ? null : String(issue.path[0])
  const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined')
  return refuse('invalid_field', `${field ?? 'the body'}: ${missing ? 'is required' : issue.message}`, field)
}

function answer(response: ServerResponse, status: number, body: object): null {
  const json = JSON.stringify(body)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    .end(json)
  return null
}
