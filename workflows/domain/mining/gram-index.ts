/** Which prompts hold each 3-gram and 4-gram of the evidence. Pure. */
import type { Sequence } from './sequence.ts'

/** Numbers the 3-grams and lists the prompts of each, ascending. O(tokens). */
export function indexGrams(sequences: Sequence[]): { grams: Int32Array[]; holdersOf: number[][] } {
  const numbers = new Map<number, number>()
  const holdersOf: number[][] = []
  const grams = sequences.map((sequence, row) => {
    const own = new Int32Array(sequence.grams.length)
    for (let place = 0; place < own.length; place++) {
      const gram = sequence.grams[place] as number
      if (Number.isNaN(gram)) {
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
    return own
  })
  return { grams, holdersOf }
}

/**
 * The prompts of two neighbouring 3-grams, which are a 4-gram: each alone may stand in other prompts by chance, both
 * together hardly do. O(tokens).
 */
export function indexPairs(grams: Int32Array[]): number[][] {
  const holders = new Map<number, number[]>()
  const note = (first: number, second: number, row: number): void => {
    if (first < 0 || second < 0) return
    const key = first * 67108864 + second
    const known = holders.get(key)
    if (known === undefined) holders.set(key, [row])
    else if (known[known.length - 1] !== row) known.push(row)
  }
  grams.forEach((own, row) => {
    for (let place = 1; place < own.length; place++) note(own[place - 1] as number, own[place] as number, row)
  })
  return [...holders.values()]
}
