/** Rows as the shipper and the learner leave them, for tests of what is shown and decided. */
import { Client } from 'pg'
import { v7 } from 'uuid'
import type { EnhancementState, PromptTemplate } from '../words/enhancement.ts'
import type { ExchangeStatus } from '../words/exchange.ts'
import { toSearchable } from '../../workflows/domain/exchanges/conversation.ts'
import { readRequest } from '../../workflows/domain/exchanges/reading.ts'
import { parseJson } from '../../workflows/domain/json/json.ts'
import type { Verdict } from '../words/outcome.ts'

export interface SeedExchange {
  id?: string
  at?: Date
  dialect?: string
  provider?: string | null
  model?: string | null
  requestedModel?: string
  patternId?: string | null
  sessionId?: string | null
  enhancementId?: string | null
  status?: ExchangeStatus
  httpStatus?: number | null
  errorCode?: string | null
  stream?: boolean
  verdict?: Verdict | null
  verdictReason?: string | null
  keyName?: string
  original?: string | Buffer | null
  sent?: string | null
  timings?: { sentMs: number | null; firstByteMs: number | null; totalMs: number } | null
  content?: string | null
  toolCalls?: { name: string; arguments: string }[]
  answer?: Buffer | string | null
  answerHeaders?: [string, string][]
  usage?: { inputTokens: number; outputTokens: number } | null
  costUsd?: number | null
  /** Not yet: its outcome is missing, so no live list shows it. */
  open?: boolean
}

export interface Seed {
  client: Client
  exchange(row?: SeedExchange): Promise<string>
  pattern(row?: {
    title?: string
    template?: PromptTemplate
    frequency?: number
    successes?: number
    failures?: number
    at?: Date
  }): Promise<string>
  enhancement(row: {
    patternId: string
    patternVersion?: number
    state?: EnhancementState
    original?: PromptTemplate
    enhanced?: PromptTemplate | null
    reason?: string
    risks?: string[]
    at?: Date
  }): Promise<string>
  close(): Promise<void>
}

/** On a connection of its own, so that a test may hold a transaction open through `client`. */
export async function openSeed(databaseUrl: string): Promise<Seed> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  return {
    client,
    exchange: (row = {}) => insertExchange(client, row),
    async pattern({
      title = 'Summarise the text',
      template = { system: null, template: 'Summarise the text {{input}}' },
      frequency = 30,
      successes = 20,
      failures = 10,
      at = new Date(),
    } = {}) {
      const id = v7({ msecs: at.getTime() })
      await client.query(
        `insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, frequency, successes, failures, first_seen, last_seen)
         values ($1, 'default', $2, 'prompt', $3, $4, $5, $6, $7, $8, $8)`,
        [id, id.slice(-16), title, JSON.stringify(template), frequency, successes, failures, at],
      )
      return id
    },
    async enhancement({
      patternId,
      patternVersion = 1,
      state = 'proposed',
      original = { system: null, template: 'Summarise the text {{input}}' },
      enhanced = { system: 'Be brief.', template: null },
      reason = 'Long answers are cut.',
      risks = ['Details are lost.'],
      at = new Date(),
    }) {
      const id = v7({ msecs: at.getTime() })
      await client.query(
        `insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, enhanced_prompt, reason, risks, source, created_at, updated_at)
         values ($1, $2, $3, 'prompt', $4, $5, $6, $7, $8, 'claude-sonnet-4-5', $9, $9)`,
        [
          id,
          patternId,
          patternVersion,
          state,
          JSON.stringify(original),
          enhanced && JSON.stringify(enhanced),
          reason,
          JSON.stringify(risks),
          at,
        ],
      )
      return id
    },
    close: () => client.end(),
  }
}

async function insertExchange(client: Client, row: SeedExchange): Promise<string> {
  const at = row.at ?? new Date()
  const id = row.id ?? v7({ msecs: at.getTime() })
  const original =
    row.original === undefined
      ? JSON.stringify({ model: row.requestedModel ?? 'gpt-test', messages: [{ role: 'user', content: 'Hello' }] })
      : row.original
  const wire = row.dialect === 'anthropic' ? 'messages' : 'chat'
  const body = original === null ? null : parseJson(original.toString())
  const reading = readRequest(wire, body)
  const { messages } = toSearchable(wire, body)
  const timings = row.timings === undefined ? { sentMs: 0.4, firstByteMs: 320, totalMs: 840 } : row.timings
  await client.query(
    `insert into requests (id, created_at, session_id, team, key_name, dialect, endpoint, requested_model, provider, model, stream, headers, original_body, sent_body,
       request_bytes, request_digest, enhancement_id, status, http_status, error_code, timings, finished_at, pattern_id, verdict, verdict_reason, reading, messages, recorded_in)
     values ($1, $2, $3, 'default', $4, $5, $6, $7, $8, $9, $10, '[["content-type","application/json"]]', $11, $12, $13, 'digest', $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, ${row.open ? 'null' : 'pg_current_xact_id()'})`,
    [
      id,
      at,
      row.sessionId ?? null,
      row.keyName ?? 'demo',
      row.dialect ?? 'openai',
      row.dialect === 'anthropic' ? '/v1/messages' : '/v1/chat/completions',
      row.requestedModel ?? row.model ?? 'gpt-test',
      row.provider === undefined ? 'mock' : row.provider,
      row.model === undefined ? 'gpt-test' : row.model,
      row.stream ?? false,
      original === null ? null : Buffer.from(original),
      row.sent ? Buffer.from(row.sent) : null,
      original?.length ?? 0,
      row.enhancementId ?? null,
      row.open ? 'unknown' : (row.status ?? 'ok'),
      row.open ? null : row.httpStatus === undefined ? 200 : row.httpStatus,
      row.errorCode ?? null,
      row.open || timings === null ? null : JSON.stringify(timings),
      row.open ? null : at,
      row.patternId ?? null,
      row.verdict ?? null,
      row.verdictReason ?? null,
      reading && JSON.stringify(reading),
      messages && JSON.stringify(messages),
    ],
  )
  if (row.open) return id
  const usage =
    row.usage === undefined
      ? { inputTokens: 12, outputTokens: 48, cachedInputTokens: null, reasoningTokens: null }
      : row.usage
  const answer =
    row.answer === undefined
      ? JSON.stringify({ choices: [{ message: { content: row.content ?? 'Good day.' } }] })
      : row.answer
  await client.query(
    `insert into responses (id, created_at, status_code, streaming, headers, content, tool_calls, stop_reason, usage, input_tokens, output_tokens, cost_usd, body, body_bytes, body_digest)
     values ($1, $2, $3, $4, $5, $6, $7, 'stop', $8, $9, $10, $11, $12, $13, 'digest')`,
    [
      id,
      at,
      row.httpStatus === undefined ? 200 : row.httpStatus,
      row.stream ?? false,
      JSON.stringify(row.answerHeaders ?? [['content-type', 'application/json']]),
      row.content === undefined ? 'Good day.' : row.content,
      row.toolCalls ? JSON.stringify(row.toolCalls) : null,
      usage && JSON.stringify(usage),
      usage?.inputTokens ?? null,
      usage?.outputTokens ?? null,
      row.costUsd ?? null,
      answer === null ? null : Buffer.from(answer),
      answer?.length ?? 0,
    ],
  )
  return id
}
