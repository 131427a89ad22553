/** Whether a text carries what only others wrote: runs of words, or names and codes. Pure. */
import { toMarks, toRuns, toWords } from './proposal-words.ts'

/** Prompts of strangers share phrases ("answer in one short sentence"), but seldom so many words on end. */
const runLength = 8

/** `own` = everything its team may say: the original and the team's own examples. Answers what it is, or `null`. */
export function findForeign(added: string, own: string[], foreign: string[]): string | null {
  const ownRuns = new Set(own.flatMap((text) => toRuns(toWords(text), runLength)))
  const ownMarks = new Set(own.flatMap(toMarks))
  const runs = new Set(toRuns(toWords(added), runLength).filter((run) => !ownRuns.has(run)))
  const marks = new Set(toMarks(added).filter((mark) => !ownMarks.has(mark)))
  if (runs.size === 0 && marks.size === 0) return null
  for (const text of foreign) {
    if (marks.size > 0 && toMarks(text).some((mark) => marks.has(mark)))
      return "it holds a name or code from another team's texts"
    if (runs.size > 0 && toRuns(toWords(text), runLength).some((run) => runs.has(run)))
      return "it holds a passage from another team's texts"
  }
  return null
}
