/**
 * Shows the analyst answers of whose verdict the rules are not sure, and a small share of those that look like successes,
 * redacted and without whose they are, within a budget of its own (`learning.judge`). It can lower a success; it can
 * raise only a failure that the rules themselves doubt. Off unless the budget allows a call.
 */
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { findUnjudged, storeJudgement } from '../../db/repositories/outcomes/judgements.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { JudgeConfig } from '../../db/words/config.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { rescore } from '../activities/rescore.ts'
import { askClaude, type Question } from '../analyst/ask.ts'
import { toExample } from '../domain/analyst/examples.ts'
import {
  judgeInstructions,
  judgeSchema,
  judgeToolName,
  readJudgement,
  toJudgeQuestion,
} from '../domain/analyst/judge-prompt.ts'
import { sureConfidence } from '../domain/outcomes/score.ts'
import { createRedactor } from '../domain/redaction/redact.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'

export interface JudgeOptions extends OutcomeDependencies {
  database: Database
  settings: JudgeConfig
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Log
}

const idleMs = 5_000
const maxBatch = 5
const maxAnswerTokens = 300
const callTimeoutMs = 60_000
/** Those that the judge had nothing usable to say of; the oldest are forgotten. */
const maxPassed = 1_000

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
    const found = (await findUnjudged(database, { share: settings.share, sureConfidence }, maxBatch + passed.size, now))
      .filter(({ id }) => !passed.has(id))
      .slice(0, maxBatch)
    for (const exchange of found) {
      if (stopping()) return false
      const { id } = exchange
      const asked = await askClaude(
        database,
        analyst,
        toQuestion(toJudgeQuestion(toExample(exchange, createRedactor()))),
        settings,
      )
      if (asked.kind === 'spent') return false
      // Thrown trouble makes the loop wait; what the judge refuses or garbles is passed over.
      if (asked.kind === 'misconfigured') throw new Error(`the judge answered ${asked.status}`)
      const judgement = asked.kind === 'answered' ? readJudgement(asked.message) : null
      if (judgement === null) {
        passed.add(id)
        if (passed.size > maxPassed) passed.delete(passed.values().next().value as string)
        continue
      }
      await database.transaction().execute(async (transaction) => {
        await storeJudgement(transaction, id, judgement, analyst.model)
        await rescore(transaction, { schemas }, [id])
      })
    }
    return found.length === maxBatch
  }
}

function toQuestion(text: string): Question {
  return {
    purpose: 'judge',
    enhancementId: null,
    system: judgeInstructions,
    text,
    tool: {
      name: judgeToolName,
      description: 'Says whether the answer did what was asked for.',
      input_schema: judgeSchema,
    },
    maxAnswerTokens: maxAnswerTokens,
    timeoutMs: callTimeoutMs,
  }
}
