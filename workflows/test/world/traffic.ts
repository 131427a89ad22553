/**
 * The conversations of the simulated world, one after the other from its seed, and what a model answers each request.
 * Pure.
 */
import { createDice, type Dice } from '../experiments/simulator.ts'
import { findPattern, isEnhanced } from './proposals.ts'
import { toWord } from './tasks.ts'
import { models, outageRate, toSessionRate, type World, type WorldModel, type WorldPattern } from './truth.ts'

export interface WorldSession {
  number: number
  pattern: WorldPattern
  model: WorldModel
  /** Which of the callers' keys it comes with. */
  key: number
  /** User texts of its requests, in order; the same ones each time. */
  texts(): string[]
}

/** So many keys that none of them makes up a pattern alone. */
export const keyCount = 10
const requestsMost = 2
const secondRequestShare = 0.3

/** The `number`-th conversation; the same one for the same seed, whatever came before it. */
export function toSession(world: World, number: number): WorldSession {
  const dice = createDice(mix(world.seed, number))
  const pattern = pick(world, dice)
  const count = dice.next() < secondRequestShare ? requestsMost : 1
  return {
    number,
    pattern,
    model: models[dice.next() < 0.6 ? 0 : 1] as WorldModel,
    key: Math.floor(dice.next() * keyCount),
    texts: () => {
      const words = createDice(mix(world.seed + 2, number))
      return Array.from({ length: count }, () => toText(pattern, words))
    },
  }
}

function pick({ patterns }: World, dice: Dice): WorldPattern {
  let left = dice.next() * patterns.reduce((sum, { weight }) => sum + weight, 0)
  return patterns.find(({ weight }) => (left -= weight) < 0) ?? (patterns.at(-1) as WorldPattern)
}

function toText({ task }: WorldPattern, dice: Dice): string {
  const words = Array.from({ length: 5 + Math.floor(dice.next() * 8) }, () =>
    toWord((count) => Math.floor(dice.next() * count)),
  )
  return task.opening === '' ? words.join(' ') : `${task.opening} ${words.join(' ')}`
}

export type AnswerKind = 'good' | 'cut' | 'empty' | 'refused' | 'outage'

export interface WorldAnswer {
  pattern: WorldPattern | null
  enhanced: boolean
  kind: AnswerKind
  text: string
  inputTokens: number
  outputTokens: number
}

const texts: Record<AnswerKind, string> = {
  good: 'Here is what you asked for, complete and in order, with each point in a sentence of its own.',
  cut: 'Here is what you asked for, and the first of its points is that',
  empty: '',
  refused: "I'm sorry, but I can't help with that request.",
  outage: '',
}
/** How an answer goes wrong: mostly it is cut, at its full length and price. */
const faults: readonly [share: number, kind: AnswerKind][] = [
  [0.7, 'cut'],
  [0.15, 'empty'],
  [0.15, 'refused'],
]

/**
 * `prompt`: all texts of the request. The session's luck is its own, the request's is of its words: the order of
 * arrival changes nothing.
 */
export function toAnswer(world: World, session: string, model: WorldModel, prompt: string): WorldAnswer {
  const pattern = findPattern(world, prompt)
  const enhanced = pattern !== null && isEnhanced(pattern, prompt)
  const rate =
    pattern === null
      ? 0.95
      : toSessionRate(pattern, model, enhanced, createDice(mix(world.seed, hashOf(session))).normal())
  const dice = createDice(mix(world.seed + 1, hashOf(`${session}\n${prompt}`)))
  const kind = dice.next() < outageRate ? 'outage' : dice.next() < rate ? 'good' : toFault(dice.next())
  const outputTokens =
    kind === 'empty' || kind === 'outage' ? 0 : kind === 'refused' ? 20 : 80 + Math.floor(dice.next() * 60)
  return { pattern, enhanced, kind, text: texts[kind], inputTokens: 20 + Math.ceil(prompt.length / 4), outputTokens }
}

function toFault(draw: number): AnswerKind {
  let left = draw
  return faults.find(([share]) => (left -= share) < 0)?.[1] ?? 'cut'
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

function mix(seed: number, number: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)) >>> 0
}
