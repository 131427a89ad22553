/**
 * The contract diff: everything that a proposal changes of what the original promises, as risks that a person accepts
 * one by one before approving. Pure. What was taken out is named as loudly as what came in.
 */
import type { ProposalCheck, PromptTemplate } from '../../../db/words/enhancement.ts'
import { estimateTokens } from '../analyst/analyst-prompt.ts'
import { findAddedVoices } from './added-voice.ts'
import { findCopied, findReworded } from './copied-text.ts'
import { findInstructionChanges, findReplacement } from './kept-instructions.ts'
import { compareOutput } from './output-contract.ts'
import { findSlotChanges } from './slot-changes.ts'

interface Change {
  kind: string
  note: string
  removed: string | null
  added: string | null
}

/** More than a person can weigh; the last one says that there are more. */
const maxRisks = 40
const maxQuoted = 500
/** More than this is a cost of its own, for it goes out with every request. */
const maxQuietTokens = 250

export interface Compared {
  original: PromptTemplate
  enhanced: PromptTemplate
  /** The parts that changed, and what the proposer says of them. */
  added: string
  samples: string[]
  foreign: string[]
}

export function findNamedRisks(compared: Compared): ProposalCheck[] {
  const changes = removeTwins(findChanges(compared))
  const shown = changes.slice(0, maxRisks)
  if (changes.length > maxRisks)
    shown.push(
      toChange('more', `there are ${changes.length - maxRisks} more changes like these; read the whole proposal`),
    )
  const counts = new Map<string, number>()
  return shown.map(({ kind, note, removed, added }) => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return {
      name: kind,
      passed: false,
      note: cut(note),
      risk: { id: `${kind}-${count}`, removed: cutOrNull(removed), added: cutOrNull(added) },
    }
  })
}

function findChanges({ original, enhanced, added, samples, foreign }: Compared): Change[] {
  const [before, after] = [toText(original), toText(enhanced)]
  const reworded = findReworded(added, [before, ...samples], foreign)
  return [
    ...findSlotChanges(original, enhanced).map((note) => toChange('slots', note)),
    ...findReplacements(original, enhanced),
    ...compareOutput(before, after),
    ...findInstructionChanges(before, after),
    ...findAddedVoices(before, after).map(({ kind, note, added: sentence }) => toChange(kind, note, null, sentence)),
    ...findCopied(added, before, samples).map((text) =>
      toChange('copied', `it has “${text}” from an example`, null, text),
    ),
    ...(reworded === null ? [] : [toChange('teams', "it resembles another team's text", null, reworded)]),
    ...findGrowth(before, after),
  ]
}

function findReplacements(original: PromptTemplate, enhanced: PromptTemplate): Change[] {
  const whole = findReplacement(toText(original), toText(enhanced))
  return whole === null ? [] : [toChange('replaced', whole, toText(original), toText(enhanced))]
}

function findGrowth(before: string, after: string): Change[] {
  const tokens = estimateTokens(after) - estimateTokens(before)
  return tokens > maxQuietTokens ? [toChange('size', `it adds about ${tokens} tokens to every request`)] : []
}

function toText({ system, template }: PromptTemplate): string {
  return [system, template].filter((text) => text !== null).join('\n')
}

function toChange(kind: string, note: string, removed: string | null = null, added: string | null = null): Change {
  return { kind, note, removed, added }
}

/** Two checks may see the same words go. */
function removeTwins(changes: Change[]): Change[] {
  const seen = new Set<string>()
  return changes.filter(({ kind, note, removed }) => {
    const key = removed === null ? `${kind}\n${note}` : `${kind === 'names' ? 'keys' : kind}\n${removed}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function cut(text: string): string {
  return text.length > maxQuoted ? `${text.slice(0, maxQuoted)} …`.toWellFormed() : text
}

function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text)
}
