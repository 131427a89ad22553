/**
 * What the user's next message says of the answer before it: that it helped, that it was wrong, that they go on, or the
 * same question again. Thanks and going on are looked for before a repeated question, a correction before everything.
 * Pure.
 */
import type { NextTurn } from '../../../db/words/outcome.ts'
import { isAskedAgain } from './asked-again.ts'
import { corrections, goesOn, notCorrections, thanks } from './next-turn-phrases.ts'

/** A message that comes later is no word on the answer before it. */
export const nextTurnWithinMs = 600_000

/** What people say of an answer stands at the beginning of what they say. */
const maxOpeningCharacters = 240
/** A longer message is a task of its own, whatever words it holds. */
const maxMessageCharacters = 600

/** `earlier`: what the answer was given to; `next`: what came after it. `null` = nothing tells. */
export function readNextTurn(earlier: string, next: string): NextTurn | null {
  const opening = toPlain(next)
  const about = next.length <= maxMessageCharacters && earlier.trim() !== next.trim()
  if (about && !notCorrections.test(opening) && matches(corrections, opening) && !isOneTemplate(earlier, next))
    return 'corrected'
  if (about && matches(thanks, opening) && !startsLike(earlier, opening)) return 'thanked'
  if (goesOn.test(opening)) return 'went_on'
  return isAskedAgain(earlier, next) ? 'asked_again' : null
}

function toPlain(text: string): string {
  const plain = text
    .slice(0, maxOpeningCharacters)
    .replaceAll(/[’‘`´]/g, "'")
    .toLowerCase()
    .trim()
  // "Translate: this does not work" hands over a text; what stands in it is not said of the answer.
  const own = /^([^:\n]{1,60}):\s/.exec(plain)?.[1] ?? plain
  return own.replaceAll(/\b(does|do|did|is|was|are|wo|ca|could|has|have)nt\b/g, "$1n't")
}

function matches(phrases: readonly RegExp[], text: string): boolean {
  return phrases.some((phrase) => phrase.test(text))
}

/** Programs send their texts one after the other: what the earlier one holds as well is no word on the answer. */
function isOneTemplate(earlier: string, next: string): boolean {
  const before = toPlain(earlier)
  return matches(corrections, before) || startsLike(earlier, toPlain(next))
}

/** Both begin with the same words. */
function startsLike(earlier: string, opening: string): boolean {
  const before = toPlain(earlier).split(/\s+/).slice(0, 4)
  const after = opening.split(/\s+/).slice(0, 4)
  return before.length >= 4 && before.join(' ') === after.join(' ')
}
