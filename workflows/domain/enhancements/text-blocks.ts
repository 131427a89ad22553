/**
 * Puts a changed prompt back into the text blocks it was read from, so that only the blocks that change are edited.
 * Pure.
 */
import { blockSeparator } from '../exchanges/prompt.ts'

/** More places where a block may end are not tried: this runs while a caller waits. */
const maxCuts = 64

/**
 * What each block holds then. Blocks that stay the same at both ends keep their text; the rest is divided at separators
 * so that as little as possible changes, and what is added between two blocks goes to the first. `null` = the new text
 * does not fall into that many blocks, or one of them would be blank.
 */
export function divideText(blocks: readonly string[], text: string): string[] | null {
  let first = 0
  let last = blocks.length
  let start = 0
  let end = text.length
  for (; last - first > 1; first++) {
    const head = blocks[first] + blockSeparator
    if (start + head.length > end || !text.startsWith(head, start)) break
    start += head.length
  }
  for (; last - first > 1; last--) {
    const tail = blockSeparator + blocks[last - 1]
    if (end - tail.length < start || !text.endsWith(tail, end)) break
    end -= tail.length
  }
  const changed = divideChanged(blocks.slice(first, last), text.slice(start, end))
  if (changed === null || changed.some((piece) => piece.trim() === '')) return null
  return [...blocks.slice(0, first), ...changed, ...blocks.slice(last)]
}

function divideChanged(blocks: readonly string[], text: string): string[] | null {
  if (blocks.length === 1) return [text]
  const cuts = findCuts(text)
  if (cuts === null || cuts.length < blocks.length - 1) return null
  // The least edit for the blocks so far, by the cut at which the last of them ends.
  const ends = [...cuts, text.length]
  let least: { cost: number; cuts: number[] }[] = ends.map((end) => ({
    cost: countEdited(blocks[0] as string, text.slice(0, end)),
    cuts: [end],
  }))
  for (const block of blocks.slice(1)) {
    least = ends.map((end) => {
      let best = { cost: Number.POSITIVE_INFINITY, cuts: [] as number[] }
      for (const { cost, cuts: before } of least) {
        const from = (before.at(-1) ?? Number.POSITIVE_INFINITY) + blockSeparator.length
        if (from > end) continue
        const total = cost + countEdited(block, text.slice(from, end))
        if (total <= best.cost) best = { cost: total, cuts: [...before, end] }
      }
      return best
    })
  }
  const best = least.at(-1)
  if (best === undefined || best.cost === Number.POSITIVE_INFINITY) return null
  return best.cuts.map((end, index) =>
    text.slice(index === 0 ? 0 : (best.cuts[index - 1] as number) + blockSeparator.length, end),
  )
}

function findCuts(text: string): number[] | null {
  const cuts: number[] = []
  for (let at = text.indexOf(blockSeparator); at >= 0; at = text.indexOf(blockSeparator, at + 1)) {
    if (cuts.length === maxCuts) return null
    cuts.push(at)
  }
  return cuts
}

/** Characters taken out and put in between the beginning and the end that two texts share. */
function countEdited(before: string, after: string): number {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return before.length + after.length - 2 * (head + tail)
}
