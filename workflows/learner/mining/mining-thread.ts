/**
 * The thread that mines: grouping a team's evidence takes a second or two of computing now and then, and the miner's
 * own loop has workflows to answer meanwhile. It holds the teams it is told to, and does nothing by itself.
 */
import { answerQuestions } from '../../activities/thread/answering.ts'
import { gunzipSync, gzipSync } from 'node:zlib'
import { defaultLimits } from '../../domain/mining/types.ts'
import { toOpening } from '../../domain/patterns/opening.ts'
import { createTeamMiner, type TeamMiner, type TeamSnapshot } from '../../domain/mining/team-miner.ts'
import type { Question, Taken } from './mining-protocol.ts'

const teams = new Map<string, TeamMiner>()
/** Snapshots are written often and read seldom. */
const compression = { level: 1 }

answerQuestions((question: Question) => {
  try {
    return answer(question)
  } catch (error) {
    // Whatever went wrong, what it holds of the team may be half done.
    teams.delete(question.team)
    throw error
  }
})

function answer(question: Question): object {
  if (question.kind === 'open') return open(question.team, question.snapshot, question.firstPattern)
  if (question.kind === 'close') {
    teams.delete(question.team)
    return {}
  }
  const miner = teams.get(question.team)
  if (miner === undefined) throw new Error(`the team ${question.team} is not open`)
  switch (question.kind) {
    case 'learn':
      return learn(miner, question.taken)
    case 'find':
      return { patterns: question.taken.map((taken) => find(miner, taken)) }
    case 'apply':
      return miner.apply(question.override)
    case 'snapshot':
      return { snapshot: gzipSync(JSON.stringify(miner.snapshot()), compression) }
  }
}

function open(team: string, snapshot: Uint8Array | null, firstPattern: number): { restored: boolean } {
  if (snapshot !== null) {
    try {
      const kept = JSON.parse(gunzipSync(snapshot).toString('utf8')) as TeamSnapshot
      teams.set(team, createTeamMiner(defaultLimits, kept))
      return { restored: true }
    } catch {
      // Of another version, or damaged: it is learned anew, under new names.
    }
  }
  // Without a snapshot all that was taken is learned again, and the same patterns get the same names.
  teams.set(team, createTeamMiner(defaultLimits, null, snapshot === null ? 1 : firstPattern))
  return { restored: snapshot === null }
}

function learn(miner: TeamMiner, taken: Taken[]): object {
  const prompts = taken.map(orNone)
  const learned = miner.learn(prompts)
  const openings = prompts.map((prompt, index) =>
    prompt === null || learned.patterns[index] !== null ? null : toOpening(prompt.system, prompt.user),
  )
  return { ...learned, openings, size: miner.size() }
}

function find(miner: TeamMiner, taken: Taken): string | null {
  const prompt = orNone(taken)
  return prompt && miner.find(prompt)
}

/** A request may end with a user's text and have no prompt. */
function orNone(taken: Taken): Taken {
  return taken === null || (taken.system === null && taken.user === null) ? null : taken
}
