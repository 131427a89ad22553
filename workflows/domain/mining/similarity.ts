/** How alike two templates are, and which patterns are neighbours. Pure. */
import { finish, gramOf } from './sequence.ts'
import { tokenize } from './tokens.ts'
import type { MinedPattern, MinedTemplate } from './types.ts'

/** Signature length: the estimate of the Jaccard similarity has a standard error below 1 / (2 √64) ≈ 0.06. */
const signatureLength = 64
/**
 * Rows per band of the neighbour search: pairs at similarity 0.5 share one of 16 bands of 4 with probability 0.64, at
 * 0.7 with 0.99.
 */
const bandRows = 4

/** MinHash (Broder 1997) over pairs of neighbouring words of the fixed text. O(fixed text × signature length). */
export function signatureOf(template: MinedTemplate): Uint32Array {
  const signature = new Uint32Array(signatureLength).fill(0xffffffff)
  for (const parts of [template.system, template.user]) {
    for (const part of parts ?? []) {
      if (!('fixed' in part)) continue
      const { hashes, count } = tokenize(part.fixed)
      for (let place = 0; place + 1 < Math.max(2, count); place++) {
        const gram = gramOf(hashes[place] ?? 0, hashes[place + 1] ?? 0, 0, 0)
        for (let lane = 0; lane < signatureLength; lane++) {
          const hash = finish(((gram % 4294967296) | 0) ^ Math.imul(lane + 1, 0x9e3779b1)) >>> 0
          if (hash < (signature[lane] as number)) signature[lane] = hash
        }
      }
    }
  }
  return signature
}

/** Estimated share of word pairs that two templates have in common, 0 to 1. */
export function similarityOf(a: Uint32Array, b: Uint32Array): number {
  let same = 0
  for (let lane = 0; lane < signatureLength; lane++) if (a[lane] === b[lane]) same++
  return same / signatureLength
}

export interface Neighbour {
  a: string
  b: string
  similarity: number
}

/**
 * Pairs of patterns at least so alike, most alike first; by bands (Indyk and Motwani 1998), not all pairs. At most
 * `limit`, from at most 32 a bucket.
 */
export function findNeighbours(
  patterns: Pick<MinedPattern, 'id' | 'templates'>[],
  least: number,
  limit: number,
): Neighbour[] {
  const signed = patterns.flatMap((pattern) =>
    pattern.templates.map((template) => ({ id: pattern.id, signature: signatureOf(template) })),
  )
  const buckets = new Map<string, typeof signed>()
  for (const one of signed) {
    for (let band = 0; band < signatureLength; band += bandRows) {
      const key = `${band}:${one.signature.slice(band, band + bandRows).join(',')}`
      const bucket = buckets.get(key)
      if (!bucket) buckets.set(key, [one])
      else if (bucket.length < 32) bucket.push(one)
    }
  }
  const best = new Map<string, Neighbour>()
  for (const bucket of buckets.values()) {
    for (const [index, first] of bucket.entries()) {
      for (const second of bucket.slice(index + 1)) {
        if (first.id === second.id) continue
        const [a, b] = first.id < second.id ? [first.id, second.id] : [second.id, first.id]
        const similarity = similarityOf(first.signature, second.signature)
        const key = `${a} ${b}`
        if (similarity >= least && similarity > (best.get(key)?.similarity ?? -1)) best.set(key, { a, b, similarity })
      }
    }
  }
  return [...best.values()]
    .sort((x, y) => y.similarity - x.similarity || (x.a + x.b < y.a + y.b ? -1 : 1))
    .slice(0, limit)
}
