/**
 * Step 3: which pattern a prompt is of. Pure: gateways, previews, replays and the evaluation use this very code.
 *
 * The templates that were learned go first; a prompt that none explains is known by its opening, where that is one.
 */
import { fingerprintPrompt, type Fingerprint } from './fingerprint.ts'
import { buildMatcher, type ExplainedPiece } from '../mining/template-matcher.ts'
import { toMinedPrompt } from '../mining/request.ts'
import type { MinedTemplate } from '../mining/types.ts'
import type { Prompt } from '../exchanges/prompt.ts'

/** A team's patterns, as far as identifying needs them. */
export interface PatternSet {
  patterns: { id: string; templates: MinedTemplate[] }[]
  /** Hash of an opening → its pattern. */
  openings: [string, string][]
}

export interface Identified {
  patternId: string
  /** What told it: a learned template, or the opening alone. */
  by: 'template' | 'opening'
  slots: Record<string, string>
  /** Which fixed parts matched where, which slots held what; for an opening only the slots are known. */
  explanation?: ExplainedPiece[]
}

export interface PatternIndex {
  /** Templates in it. */
  readonly size: number
  /** Requests that were left unidentified because there was too much to look at. */
  readonly givenUp: number
  /** `body`: the request, parsed; `prompt`: what was read of it. O(length of the prompt). */
  identify(body: unknown, prompt: Prompt): Identified | null
}

/** Builds in steps, so that whoever serves requests meanwhile can go on with them in between. */
export function* buildPatternIndex({ patterns, openings }: PatternSet): Generator<undefined, PatternIndex> {
  const matcher = yield* buildMatcher(patterns)
  const byOpening = new Map(openings)
  return {
    size: patterns.reduce((sum, { templates }) => sum + templates.length, 0),
    get givenUp() {
      return matcher.givenUp
    },
    identify(body, prompt) {
      const match = matcher.match(toMinedPrompt(body, prompt))
      if (match !== null)
        return { patternId: match.pattern, by: 'template', slots: match.slots, explanation: match.explanation }
      if (byOpening.size === 0) return null
      const fingerprint = fingerprintPrompt(prompt)
      const patternId = fingerprint && byOpening.get(fingerprint.hash)
      return patternId ? { patternId, by: 'opening', slots: (fingerprint as Fingerprint).slots } : null
    },
  }
}

export function createPatternIndex(set: PatternSet): PatternIndex {
  const steps = buildPatternIndex(set)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}
