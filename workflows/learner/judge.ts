/**
 * Shows the analyst a small share of the answers that look like successes, redacted and without whose they are, within
 * a budget of its own (`learning.judge`). What it says can only lower an outcome. Off unless the budget allows a call.
 */
import Anthropic from '@anthropic-ai/sdk'
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { reserveCall, settleCall } from '../../db/repositories/analyst/analyst-calls.ts'
import type { ExampleExchange } from '../../db/repositories/enhancements/drafts.ts'
import { findUnjudged, storeJudgement } from '../../db/repositories/outcomes/judgements.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { JudgeConfig } from '../../db/words/config.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { rescore } from '../activities/rescore.ts'
import { estimateTokens } from '../domain/analyst/analyst-prompt.ts'
import { toExample } from '../domain/analyst/examples.ts'
import { asObject, parseJson } from '../domain/json/json.ts'
import {
  judgeInstructions,
  judgeSchema,
  judgeToolName,
  readJudgement,
  toJudgeQuestion,
} from '../domain/analyst/judge-prompt.ts'
import { createRedactor } from '../domain/redaction/redact.ts'
import { wireOf } from '../domain/exchanges/wire.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'

export interface JudgeOptions extends OutcomeDependencies {
  database: Database
  settings: JudgeConfig
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Log
}

const idleMs = 5_000
const batchMax = 5
const answerTokensMax = 300
const callTimeoutMs = 60_000
const dayMs = 86_400_000
/** Those that the judge had nothing usable to say of; the oldest are forgotten. */
const passedMax = 1_000

export function startJudge(options: JudgeOptions): Loop | null {
  if (options.settings.maxCallsPerDay === 0 || options.settings.share === 0) return null
  const judgeSome = createJudge(options)
  return startLoop({ name: 'judge', log: options.log, idleMs, step: judgeSome })
}

/** Answers whether there may be more to judge at once. */
export function createJudge({
  database,
  settings,
  resolveAnalyst,
  schemas,
}: JudgeOptions): (stopping: () => boolean) => Promise<boolean> {
  const passed = new Set<string>()

  return async (stopping) => {
    const analyst = await resolveAnalyst()
    if (analyst === null) return false
    const now = Date.now()
    const found = (await findUnjudged(database, settings.share, batchMax + passed.size, now))
      .filter(({ id }) => !passed.has(id))
      .slice(0, batchMax)
    for (const exchange of found) {
      if (stopping()) return false
      const { id } = exchange
      const question = toJudgeQuestion(toExample(toSource(exchange), createRedactor()))
      const tokens = estimateTokens(judgeInstructions) + estimateTokens(question) + answerTokensMax
      const caps = { maxCallsPerDay: settings.maxCallsPerDay, maxTokensPerDay: settings.maxTokensPerDay }
      const reservation = await reserveCall(
        database,
        { purpose: 'judge', enhancementId: null, model: analyst.model, tokens },
        caps,
        new Date(now - (now % dayMs)).toISOString(),
      )
      if (reservation === null) return false
      const judgement = await ask(analyst, question, reservation)
      if (judgement === null) {
        passed.add(id)
        if (passed.size > passedMax) passed.delete(passed.values().next().value as string)
        continue
      }
      await database.transaction().execute(async (transaction) => {
        await storeJudgement(transaction, id, judgement, analyst.model)
        await rescore(transaction, { schemas }, [id])
      })
    }
    return found.length === batchMax
  }

  /** Thrown trouble makes the loop wait; what the judge refuses or garbles is passed over. */
  async function ask(
    { baseUrl, apiKey, model }: AnalystConfig,
    question: string,
    reservation: string,
  ): Promise<{ score: number; reason: string } | null> {
    const api = new Anthropic({ baseURL: baseUrl, apiKey, authToken: null, maxRetries: 0, timeout: callTimeoutMs })
    try {
      const message: unknown = await api.messages.create({
        model,
        max_tokens: answerTokensMax,
        system: judgeInstructions,
        messages: [{ role: 'user', content: question }],
        tools: [
          {
            name: judgeToolName,
            description: 'Says whether the answer did what was asked for.',
            input_schema: judgeSchema,
          },
        ],
        tool_choice: { type: 'tool', name: judgeToolName },
      })
      const usage = asObject(asObject(message)?.usage) ?? {}
      const used = [usage.input_tokens, usage.output_tokens].reduce<number>(
        (sum, count) => sum + (Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 0),
        0,
      )
      await settleCall(database, reservation, Math.min(used, 2_147_483_647))
      return readJudgement(message)
    } catch (error) {
      if (error instanceof SyntaxError) return null
      if (!(error instanceof Anthropic.APIError) || error.status === undefined) throw error
      await settleCall(database, reservation, 0)
      if (error.status === 400 || error.status === 413 || error.status === 422) return null
      throw new Error(`the judge answered ${error.status}`, { cause: error })
    }
  }
}

function toSource({ endpoint, originalBody, content, toolCalls }: ExampleExchange) {
  return {
    wire: wireOf(endpoint),
    body: originalBody === null ? null : parseJson(originalBody.toString('utf8')),
    content,
    toolCalls,
    reason: null,
  }
}
