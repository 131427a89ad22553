/** Which model really answers behind a name, and when that changes. Pure. */

/** `"model"` as a member, not within a text: there its quotes are escaped. */
const memberPattern = /"model"\s*:\s*"([^"\\]{1,200})"/
/** Every dialect names it in the first event or before the content. */
const headCharacters = 8_192
const tailCharacters = 4_096

/** The model as the answer names it, from a whole body or a stream's events; `null` = it does not say. */
export function readAnswerModel(text: string): string | null {
  return (
    (memberPattern.exec(text.slice(0, headCharacters)) ?? memberPattern.exec(text.slice(-tailCharacters)))?.[1] ?? null
  )
}

export interface ModelVersion {
  provider: string
  /** As it was asked for. */
  model: string
  answerModel: string
  /** ISO 8601. */
  firstSeen: string
  lastSeen: string
}

export interface ModelChange {
  provider: string
  model: string
  before: string
  after: string
  at: string
}

/**
 * A version that answers for the first time after others have answered under the same name. One that comes back, or
 * several that take turns, are no change. The versions of one request are told apart from the moment of their first
 * answers.
 */
export function findModelChanges(versions: readonly ModelVersion[]): ModelChange[] {
  const byName = new Map<string, ModelVersion[]>()
  for (const version of versions) {
    const name = `${version.provider}\n${version.model}`
    byName.set(name, [...(byName.get(name) ?? []), version])
  }
  return [...byName.values()].flatMap((list) => {
    const ordered = [...list].sort((a, b) =>
      a.firstSeen < b.firstSeen ? -1 : a.firstSeen > b.firstSeen ? 1 : a.answerModel < b.answerModel ? -1 : 1,
    )
    return ordered.slice(1).map((version, index): ModelChange => {
      // Of those known before: the one that answered last.
      const before = ordered
        .slice(0, index + 1)
        .reduce((latest, other) => (other.lastSeen > latest.lastSeen ? other : latest))
      return {
        provider: version.provider,
        model: version.model,
        before: before.answerModel,
        after: version.answerModel,
        at: version.firstSeen,
      }
    })
  })
}
