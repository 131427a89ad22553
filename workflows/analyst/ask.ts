/** Every call to Claude: within the caps of its purpose, forced to answer through one tool, tried once. */
import Anthropic from '@anthropic-ai/sdk'
import type { Database } from '../../db/database.ts'
import { settleCall, type Caps } from '../../db/repositories/analyst/analyst-calls.ts'
import type { AnalystConfig, CallPurpose } from '../../db/words/analyst.ts'
import { estimateTokens } from '../domain/analyst/analyst-prompt.ts'
import { asObject } from '../domain/json/json.ts'
import { reserveToday } from './budget.ts'

export interface Question {
  purpose: CallPurpose
  /** `null` = it is asked for none. */
  enhancementId: string | null
  system: string
  text: string
  tool: Anthropic.Tool
  maxAnswerTokens: number
  timeoutMs: number
}

/** `answered`: whatever came, `null` where it was no JSON. `spent`: the day's caps leave no room. */
export type Asked =
  | { kind: 'answered'; message: unknown }
  | { kind: 'spent' }
  /** It does not take this very question: asking it again is pointless. */
  | { kind: 'refused'; status: number }
  /** Key, address or model are wrong: people mend that. */
  | { kind: 'misconfigured'; status: number }

/** It cannot be reached, or fails: whoever asks tries again later. The message never quotes the question. */
export class ClaudeUnavailable extends Error {
  override readonly name = 'ClaudeUnavailable'
}

const refusedStatus = new Set([400, 413, 422])
const misconfiguredStatus = new Set([401, 403, 404])
const maxCount = 2_147_483_647

/** The most that a call may use. */
export function estimateCall({ system, text, maxAnswerTokens }: Question): number {
  return estimateTokens(system) + estimateTokens(text) + maxAnswerTokens
}

export async function askClaude(
  database: Database,
  { baseUrl, apiKey, model }: AnalystConfig,
  question: Question,
  caps: Caps,
  signal?: AbortSignal,
): Promise<Asked> {
  const { purpose, enhancementId, system, text, tool, maxAnswerTokens, timeoutMs } = question
  const reservation = await reserveToday(
    database,
    { purpose, enhancementId, model, tokens: estimateCall(question) },
    caps,
  )
  if (reservation === null) return { kind: 'spent' }
  const api = new Anthropic({ baseURL: baseUrl, apiKey, authToken: null, maxRetries: 0, timeout: timeoutMs })
  let message: unknown
  try {
    message = await api.messages.create(
      {
        model,
        max_tokens: maxAnswerTokens,
        system,
        messages: [{ role: 'user', content: text }],
        tools: [tool],
        tool_choice: { type: 'tool', name: tool.name },
      },
      { ...(signal && { signal }) },
    )
  } catch (error) {
    // An answer that is no JSON is an answer all the same, and keeps what was reserved.
    if (error instanceof SyntaxError) return { kind: 'answered', message: null }
    if (error instanceof Anthropic.APIUserAbortError) throw error
    // A call that broke off may have been billed, and keeps its reservation.
    if (!(error instanceof Anthropic.APIError) || error.status === undefined)
      throw new ClaudeUnavailable('the analyst cannot be reached', { cause: error })
    await settleCall(database, reservation, 0)
    const { status } = error as { status: number }
    if (misconfiguredStatus.has(status)) return { kind: 'misconfigured', status }
    if (refusedStatus.has(status)) return { kind: 'refused', status }
    throw new ClaudeUnavailable(`the analyst cannot be reached (${status})`, { cause: error })
  }
  await settleCall(database, reservation, countTokens(message))
  return { kind: 'answered', message }
}

/** Whatever answers at that address may say anything. */
function countTokens(message: unknown): number {
  const usage = asObject(asObject(message)?.usage) ?? {}
  const counts = [
    usage.input_tokens,
    usage.cache_creation_input_tokens,
    usage.cache_read_input_tokens,
    usage.output_tokens,
  ]
  const total = counts.reduce<number>(
    (sum, count) => sum + (Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 0),
    0,
  )
  return Math.min(total, maxCount)
}
