/**
 * Step 3: the pattern of a prompt, by the request as its caller wrote it. In memory, and before anything is changed.
 */
import type { Wire } from '../../db/words/wire.ts'
import type { Identified, PatternIndex } from '../../workflows/domain/patterns/identify.ts'
import type { Prompt } from '../../workflows/domain/exchanges/prompt.ts'

/** `null` = no pattern is known for it. `wire` is `null` where a call passes through. */
export function identify(
  snapshot: { patterns: ReadonlyMap<string, PatternIndex> },
  team: string,
  wire: Wire | null,
  body: Record<string, unknown>,
  readPrompt: () => Prompt,
): Identified | null {
  const patterns = snapshot.patterns.get(team)
  return patterns === undefined || wire === null ? null : patterns.identify(body, readPrompt())
}
