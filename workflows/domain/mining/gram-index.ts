/** Which prompts hold each 3-gram and 4-gram of the evidence. Pure. */
import type { Sequence } from './sequence.ts'
import { minSupport } from './weights.ts'
import type { Work } from './work.ts'

/** Numbers the 3-grams that may stand in enough prompts, and lists the prompts of each, ascending. O(tokens). */
export function* indexGrams(sequences: Sequence[]): Work<{ grams: Int32Array[]; holdersOf: number[][] }> {
  const numbers = new Map<number, number>()
  const holdersOf: number[][] = []
  const mayRepeat = yield* sketchRepeated(sequences)
  const grams: Int32Array[] = []
  for (const [row, sequence] of sequences.entries()) {
    const own = new Int32Array(sequence.grams.length)
    for (let place = 0; place < own.length; place++) {
      const gram = sequence.grams[place] as number
      if (Number.isNaN(gram) || !mayRepeat(gram)) {
        own[place] = -1
        continue
      }
      let number = numbers.get(gram)
      if (number === undefined) {
        numbers.set(gram, (number = holdersOf.length))
        holdersOf.push([])
      }
      own[place] = number
      const holders = holdersOf[number] as number[]
      if (holders[holders.length - 1] !== row) holders.push(row)
    }
    grams.push(own)
    yield own.length
  }
  return { grams, holdersOf }
}

/** One bucket in four is taken at most, with the most evidence that is kept. */
const sketchBuckets = 1 << 22

/** Which 3-grams may stand in enough prompts: most stand in one, and need no list. Some that do not pass. */
function* sketchRepeated(sequences: Sequence[]): Work<(gram: number) => boolean> {
  const counts = new Uint8Array(sketchBuckets)
  const lastRow = new Uint16Array(sketchBuckets)
  for (const [row, { grams }] of sequences.entries()) {
    for (let place = 0; place < grams.length; place++) {
      const bucket = toBucket(grams[place] as number)
      if (lastRow[bucket] === row + 1) continue
      lastRow[bucket] = row + 1
      if ((counts[bucket] as number) < minSupport) counts[bucket] = (counts[bucket] as number) + 1
    }
    yield grams.length >> 2
  }
  return (gram) => (counts[toBucket(gram)] as number) >= minSupport
}

/**
 * The prompts of two neighbouring 3-grams, which are a 4-gram: each alone may stand in other prompts by chance, both
 * together hardly do. O(tokens).
 */
export function* indexPairs(grams: Int32Array[], holdersOf: number[][]): Work<number[][]> {
  const holders = new Map<number, number[]>()
  const note = (first: number, second: number, row: number): void => {
    const key = first * 67108864 + second
    const known = holders.get(key)
    if (known === undefined) holders.set(key, [row])
    else if (known[known.length - 1] !== row) known.push(row)
  }
  const isCommon = (gram: number): boolean => gram >= 0 && (holdersOf[gram] as number[]).length >= minSupport
  for (const [row, own] of grams.entries()) {
    for (let place = 1; place < own.length; place++) {
      const first = own[place - 1] as number
      const second = own[place] as number
      if (isCommon(first) && isCommon(second)) note(first, second, row)
    }
    yield own.length
  }
  return [...holders.values()]
}

function toBucket(gram: number): number {
  return (gram >>> 0) & (sketchBuckets - 1)
}
