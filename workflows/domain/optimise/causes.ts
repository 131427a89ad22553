/** Why requests of a pattern fail, as few causes with counts and evidence. Pure. */
import { toRecall, toStems } from '../enhancements/stems.ts'

export interface Cause {
  text: string
  count: number
  /** Ids of failed items, the latest first. */
  evidence: string[]
}

export const maxCauses = 5
/** Reasons that share so much of their words name one cause. */
const minAlike = 0.5

/** The largest first; what does not fit into `maxCauses` is left out, and its failures with it. */
export function findCauses(failures: readonly { id: string; reason: string | null }[]): Cause[] {
  const groups: { text: string; stems: Set<string>; ids: string[] }[] = []
  for (const { id, reason } of failures) {
    const text = reason ?? 'no reason is known'
    const stems = toStems(text)
    const group = groups.find(
      (other) =>
        other.text === text ||
        (stems.size > 0 &&
          other.stems.size > 0 &&
          Math.min(toRecall(stems, other.stems), toRecall(other.stems, stems)) >= minAlike),
    )
    if (group === undefined) groups.push({ text, stems, ids: [id] })
    else group.ids.push(id)
  }
  return groups
    .map(({ text, ids }) => ({ text, count: ids.length, evidence: ids }))
    .sort((a, b) => b.count - a.count)
    .slice(0, maxCauses)
}
