/**
 * The thread that mines: grouping a team's evidence takes a second or two of computing now and then, and the learner's
 * own loop has workflows to answer meanwhile. It holds the teams it is told to, and does nothing by itself.
 */
import { parentPort } from 'node:worker_threads'
import { gunzipSync, gzipSync } from 'node:zlib'
import { fingerprintPrompt } from '../../domain/patterns/fingerprint.ts'
import { parseJson } from '../../domain/json/json.ts'
import { toMinedPrompt } from '../../domain/mining/request.ts'
import { defaultLimits, type MinedPrompt } from '../../domain/mining/types.ts'
import { toPatternTitle, toPatternType, type PatternType } from '../../domain/patterns/pattern.ts'
import { readPrompt, type Prompt } from '../../domain/exchanges/prompt.ts'
import { createTeamLearner, type TeamLearner, type TeamSnapshot } from '../../domain/mining/team-miner.ts'
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import type { Answer, Question, Taken } from './mining-protocol.ts'

/** How a prompt begins, as its pattern until there is a template. */
export interface LearnedOpening {
  hash: string
  type: PatternType
  title: string
  template: PromptTemplate
}

const teams = new Map<string, TeamLearner>()
/** Snapshots are written often and read seldom. */
const compression = { level: 1 }

parentPort?.on('message', (question: Question) => {
  try {
    parentPort?.postMessage({ id: question.id, answer: answer(question) } satisfies Answer)
  } catch (error) {
    // Whatever went wrong, what it holds of the team may be half done.
    teams.delete(question.team)
    const ownFault = error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError
    parentPort?.postMessage({
      id: question.id,
      error: error instanceof Error ? error.message : String(error),
      ownFault,
    } satisfies Answer)
  }
})

function answer(question: Question): object {
  if (question.kind === 'open') return open(question.team, question.snapshot, question.firstPattern)
  if (question.kind === 'close') {
    teams.delete(question.team)
    return {}
  }
  const learner = teams.get(question.team)
  if (learner === undefined) throw new Error(`the team ${question.team} is not open`)
  switch (question.kind) {
    case 'learn':
      return learn(learner, question.taken)
    case 'find':
      return { patterns: question.taken.map((taken) => find(learner, read(taken))) }
    case 'apply':
      return learner.apply(question.override)
    case 'snapshot':
      return { snapshot: gzipSync(JSON.stringify(learner.snapshot()), compression) }
  }
}

function open(team: string, snapshot: Uint8Array | null, firstPattern: number): { restored: boolean } {
  if (snapshot !== null) {
    try {
      const kept = JSON.parse(gunzipSync(snapshot).toString('utf8')) as TeamSnapshot
      teams.set(team, createTeamLearner(defaultLimits, kept))
      return { restored: true }
    } catch {
      // Of another version, or damaged: it is learned anew, under new names.
    }
  }
  teams.set(team, createTeamLearner(defaultLimits, null, firstPattern))
  return { restored: snapshot === null }
}

interface ReadPrompt {
  mined: MinedPrompt
  prompt: Prompt
}

/** `null` = there is no prompt in it. */
function read({ wire, body }: Taken): ReadPrompt | null {
  const parsed =
    wire === null || body === null
      ? null
      : parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  const prompt = readPrompt(wire, parsed)
  return prompt.system === null && prompt.user === null ? null : { mined: toMinedPrompt(parsed, prompt), prompt }
}

function learn(learner: TeamLearner, taken: Taken[]): object {
  const prompts = taken.map(read)
  const learned = learner.learn(prompts.map((one) => one && one.mined))
  const openings = prompts.map((one, index) =>
    one === null || learned.patterns[index] !== null ? null : toOpening(one.prompt),
  )
  return { ...learned, openings, size: learner.size() }
}

function find(learner: TeamLearner, one: ReadPrompt | null): string | null {
  return one && learner.find(one.mined)
}

function toOpening(prompt: Prompt): LearnedOpening | null {
  const fingerprint = fingerprintPrompt(prompt)
  if (fingerprint === null) return null
  const { hash, template } = fingerprint
  return { hash, type: toPatternType(template), title: toPatternTitle(template), template }
}
