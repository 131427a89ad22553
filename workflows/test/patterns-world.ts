/** Made-up prompts with known templates, for tests of mining. Deterministic: the seed decides. */
import type { PatternRow } from './eval/patterns.ts'

/** A small generator of pseudo-random numbers (mulberry32, T. Ettinger, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function shuffle<T>(items: T[], seed: number): T[] {
  const random = createRandom(seed)
  const shuffled = [...items]
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    ;[shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T]
  }
  return shuffled
}

const syllables = ['ba', 'ko', 'lin', 'mer', 'to', 'sa', 'ru', 'vel', 'ni', 'dra', 'pol', 'ush']

/** A sentence of words that no other sentence is likely to share in that order. */
export function createSentence(random: () => number, words: number): string {
  const word = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 2) }, () => syllables[Math.floor(random() * syllables.length)]).join(
      '',
    )
  return Array.from({ length: words }, word).join(' ')
}

/** Rows of these templates (`{}` is a slot) with slots far longer than the template. */
export function createRows(templates: string[], perTemplate: number, seed: number): PatternRow[] {
  const random = createRandom(seed)
  const rows = templates.flatMap((template, index) =>
    Array.from({ length: perTemplate }, (): PatternRow => {
      const text = template.replace(
        /\{\}/g,
        () => `${createSentence(random, 4 + Math.floor(random() * 60))}${random() < 0.5 ? '.' : '?'}`,
      )
      return { text, template_id: `t${index}`, kind: 'templated' }
    }),
  )
  return shuffle(rows, seed)
}
