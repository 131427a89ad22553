/** Exchanges as a gateway would write them into the journal. */
import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import type { Intent, JournalEntry, Outcome } from '../../db/journal/records.ts'
import { openJournalWriter, type JournalWriter } from '../../db/journal/writer.ts'

export interface ExchangeInput {
  id?: string
  intent?: Partial<Intent>
  outcome?: Partial<Outcome>
  request?: string | Buffer
  sent?: string | null
  response?: string | Buffer
}

export function openTestJournal(directory: string, segmentBytes?: number): JournalWriter {
  return openJournalWriter({
    directory,
    durability: 'process',
    ballastBytes: 4_096,
    ...(segmentBytes ? { segmentBytes } : {}),
  })
}

export function append(writer: JournalWriter, entry: JournalEntry): Promise<void> {
  return new Promise((resolve, reject) => writer.append(entry, (error) => (error ? reject(error) : resolve())))
}

export const chat = (text: string, more: object = {}): string =>
  JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: text }], ...more })

export const completion = (content: string | null, more: object = {}): string =>
  JSON.stringify({
    id: 'c',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', ...more }],
    usage: { prompt_tokens: 11, completion_tokens: 7 },
  })

export function toIntent(
  id: string,
  { intent, request = chat('Summarise this text: hello'), sent = null }: ExchangeInput = {},
): JournalEntry {
  const body = Buffer.from(request)
  const header: Intent = {
    id,
    at: Date.now(),
    dialect: 'openai',
    endpoint: '/v1/chat/completions',
    keyName: 'demo',
    team: 'default',
    requestedModel: 'gpt-4o',
    provider: 'mock',
    model: 'gpt-4o',
    stream: false,
    target: 'http://upstream/v1/chat/completions',
    headers: [['content-type', 'application/json']],
    sessionKey: null,
    endUser: null,
    enhancementId: null,
    requestBytes: body.length,
    ...intent,
  }
  return { kind: 'intent', intent: header, request: body, sent: sent === null ? null : Buffer.from(sent) }
}

export function toOutcome(
  id: string,
  { outcome, response = completion('A summary.') }: ExchangeInput = {},
): JournalEntry {
  const body = Buffer.from(response)
  const header: Outcome = {
    id,
    at: Date.now(),
    status: 'ok',
    httpStatus: 200,
    errorCode: null,
    headers: [['content-type', 'application/json']],
    timings: { sentMs: 1, firstByteMs: 2, totalMs: 3 },
    responseBytes: body.length,
    responseDigest: null,
    ...outcome,
  }
  return { kind: 'outcome', outcome: header, response: body }
}

/** A whole exchange; answers its id. */
export async function appendExchange(writer: JournalWriter, input: ExchangeInput = {}): Promise<string> {
  const id = input.id ?? v7()
  await append(writer, toIntent(id, input))
  await append(writer, toOutcome(id, input))
  return id
}

export async function appendExchanges(
  writer: JournalWriter,
  count: number,
  input: (index: number) => ExchangeInput = () => ({}),
): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => appendExchange(writer, input(index))))
}

export const randomName = (): string => randomBytes(6).toString('hex')
