/**
 * What every changed template must pass before a person may approve it, whoever wrote it: the analyst, or a person who
 * edits. Pure. The checks are filed with the proposal, so that people see what was looked at.
 */
import type { PromptTemplate, ProposalCheck } from '../../../db/words/enhancement.ts'
import { estimateTokens } from '../analyst/analyst-prompt.ts'
import { findActiveContent } from './active-content.ts'
import { findProposalFault, slotsOf } from './apply-enhancement.ts'
import { findCopiedSecret } from './copied-text.ts'
import { findHiddenCharacters } from './hidden-characters.ts'
import { findNamedRisks } from './named-risks.ts'
import { findSensitive, placeholder } from '../redaction/redact.ts'
import { findCarriedOver, findOwnOrder } from './proposal-instructions.ts'
import { findForeign } from './proposal-overlap.ts'

export interface Candidate {
  original: PromptTemplate
  /** Whole: what it leaves unchanged is the original's. */
  enhanced: PromptTemplate
  reason: string
  risks: string[]
}

export interface Surroundings {
  /** The team's own requests and answers, as they were shown. */
  samples: string[]
  /** What other teams wrote. */
  foreign: string[]
  maxAddedTokens: number
  /** A person's own words are not held to be obedient to somebody else's. */
  byPerson: boolean
}

export const templateCharactersMax = 100_000

export function checkCandidate(
  candidate: Candidate,
  { samples, foreign, maxAddedTokens, byPerson }: Surroundings,
): ProposalCheck[] {
  const { original, enhanced, reason, risks } = candidate
  const before = toText(original)
  const added = toAdded(original, enhanced)
  const read = [added, reason, ...risks].join('\n')
  const judged = byPerson ? added : read
  const checks = [
    toCheck(
      'slots',
      'every slot is kept',
      findProposalFault(original, enhanced) ?? findSystemSlotFault(original, enhanced),
    ),
    toCheck(
      'form',
      'both dialects take it as a prompt, and nothing in it is hidden',
      findFormFault(enhanced) ?? findHiddenCharacters(before, read),
    ),
    toCheck('size', 'it stays within its size', findSizeFault(original, enhanced, maxAddedTokens)),
    toCheck(
      'secrets',
      'it holds no secret and nothing personal',
      findSecret(judged, before) ?? findCopiedSecret(judged, before, samples),
    ),
    toCheck('teams', 'it holds no text of another team', findForeign(judged, [before, ...samples], foreign)),
    toCheck(
      'injection',
      'nothing in it comes from an instruction in the examples, and it brings in no link, image or script',
      findActiveContent(before, byPerson ? added : read) ??
        findCarriedOver(judged, before, samples) ??
        (byPerson ? null : findOwnOrder(judged, before)),
    ),
  ]
  return [...checks, ...findNamedRisks({ original, enhanced, added: judged, samples, foreign })]
}

/** Why it cannot go to a person at all; a named risk does not keep it from one. */
export function findFault(checks: ProposalCheck[]): string | null {
  return checks.find(({ passed, risk }) => !passed && risk === undefined)?.note ?? null
}

/** Tokens that every request of the pattern has more (or fewer) by it; an estimate. */
export function countAddedTokens(original: PromptTemplate, enhanced: PromptTemplate): number {
  return estimateTokens(toText(enhanced)) - estimateTokens(toText(original))
}

function toCheck(name: string, what: string, fault: string | null): ProposalCheck {
  return { name, passed: fault === null, note: fault ?? what }
}

function toText({ system, template }: PromptTemplate): string {
  return [system, template].filter((text) => text !== null).join('\n')
}

/** The parts that changed, whole: what they keep of the original is known to every check. */
function toAdded(original: PromptTemplate, enhanced: PromptTemplate): string {
  return [
    enhanced.system === original.system ? null : enhanced.system,
    enhanced.template === original.template ? null : enhanced.template,
  ]
    .filter((text) => text !== null)
    .join('\n')
}

/** A system prompt may have slots of its own, such as a date. */
function findSystemSlotFault(original: PromptTemplate, enhanced: PromptTemplate): string | null {
  if (enhanced.system === null) return null
  const [before, after] = [slotsOf(original.system), slotsOf(enhanced.system)]
  const lost = before.filter((slot) => !after.includes(slot))
  const added = after.filter((slot) => !before.includes(slot))
  return lost.length > 0
    ? `it loses the slot ${lost.join(', ')} of the system prompt`
    : added.length > 0
      ? `it names an unknown slot ${added.join(', ')} in the system prompt`
      : null
}

/**
 * What one of the dialects refuses, or what no text should hold: blank texts, broken characters, control characters.
 */
function findFormFault({ system, template }: PromptTemplate): string | null {
  for (const text of [system, template]) {
    if (text === null) continue
    if (text.trim() === '') return 'a blank text is no prompt'
    if (text.length > templateCharactersMax) return `a text may have at most ${templateCharactersMax} characters`
    // oxlint-disable-next-line no-control-regex -- these very characters are looked for
    if (!text.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text))
      return 'it holds characters that are no text'
    if (text.replace(/\{\{\w+\}\}/g, '').match(/\{\{|\}\}/)) return 'it holds braces that are no slot'
  }
  return null
}

function findSizeFault(original: PromptTemplate, enhanced: PromptTemplate, maxAddedTokens: number): string | null {
  const tokens = countAddedTokens(original, enhanced)
  return tokens > maxAddedTokens
    ? `it adds about ${tokens} tokens to every request, more than learning.enhance.maxAddedTokens (${maxAddedTokens})`
    : null
}

function findSecret(added: string, before: string): string | null {
  if ((added.match(placeholder) ?? []).some((mark) => !before.includes(mark)))
    return 'it holds a placeholder of something that was taken out of the examples'
  const sensitive = findSensitive(added).find(({ start, end }) => !before.includes(added.slice(start, end)))
  return sensitive === undefined ? null : `it holds what reads as ${secretWords[sensitive.kind]}`
}

const secretWords = {
  private_key: 'a private key',
  jwt: 'a token',
  key: 'a key',
  iban: 'an account number',
  card: 'a card number',
  email: 'an e-mail address',
  phone: 'a telephone number',
} as const
