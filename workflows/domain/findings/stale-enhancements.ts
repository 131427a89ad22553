/** Proposals that nobody decides, or that were made for a template which has changed since. Pure. */

export interface OpenEnhancement {
  id: string
  patternId: string
  /** ISO 8601. */
  proposedAt: string
  patternVersion: number
  /** The pattern's template as it is now. */
  templateVersion: number
  state: string
}

export interface StaleEnhancement {
  enhancementId: string
  patternId: string
  message: string
}

const dayMs = 86_400_000

/** `now`: milliseconds since 1970. What is being served or tested is stale only by its pattern. */
export function findStale(
  enhancements: readonly OpenEnhancement[],
  afterDays: number,
  now: number,
): StaleEnhancement[] {
  return enhancements.flatMap(
    ({ id, patternId, proposedAt, patternVersion, templateVersion, state }): StaleEnhancement[] => {
      if (templateVersion > patternVersion) {
        return [
          {
            enhancementId: id,
            patternId,
            message: `the pattern's template has changed since it was made (version ${patternVersion}, now ${templateVersion})`,
          },
        ]
      }
      const days = Math.floor((now - Date.parse(proposedAt)) / dayMs)
      return state === 'proposed' && days >= afterDays
        ? [{ enhancementId: id, patternId, message: `proposed ${days} days ago and still not decided` }]
        : []
    },
  )
}
