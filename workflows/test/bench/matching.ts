/**
 * Time to match a prompt of 4 kB against 10,000 templates: known prompts, strangers and near misses.
 *
 *   node workflows/test/bench/matching.ts [templates] [characters]
 */
import { createMatcher } from '../../domain/mining/template-matcher.ts'
import { shape } from '../../domain/mining/parts.ts'
import { weightOf } from '../../domain/mining/template.ts'
import type { MinedPrompt, MinedTemplate } from '../../domain/mining/types.ts'
import { createRandom, createSentence } from '../patterns-world.ts'

const templateCount = Number(process.argv[2] ?? 10_000)
const characters = Number(process.argv[3] ?? 4096)
const rounds = 4000
const random = createRandom(1)
// A hundred openings shared by a hundred templates each: near-variants are the hard case of an index.
const openings = Array.from({ length: 100 }, () => createSentence(random, 12))
const templates = Array.from({ length: templateCount }, (_, index): MinedTemplate => {
  const pieces = [
    `${openings[index % openings.length]}\n\n`,
    null,
    `\n\n${createSentence(random, 6)}: `,
    null,
    `\n${createSentence(random, 8)}.`,
  ]
  const user = shape(pieces, new Set())
  return { structure: '', system: null, user, requires: [], excludes: [], weight: weightOf(user) }
})
const started = performance.now()
const matcher = createMatcher(templates.map((template, index) => ({ id: `p${index}`, templates: [template] })))
console.log(`index of ${templateCount} templates: ${(performance.now() - started).toFixed(0)} ms`)

const filler = (length: number): string => createSentence(random, Math.ceil(length / 5)).slice(0, length)
const kinds: Record<string, (index: number) => MinedPrompt> = {
  known: (index) => write(templates[(index * 7919) % templateCount] as MinedTemplate, ''),
  'near miss': (index) => write(templates[(index * 7919) % templateCount] as MinedTemplate, ' and more'),
  stranger: () => ({ structure: '', system: null, user: filler(characters) }),
}
for (const [kind, create] of Object.entries(kinds)) {
  const prompts = Array.from({ length: 200 }, (_, index) => create(index))
  const times: number[] = []
  let matched = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const match = matcher.match(prompts[round % prompts.length] as MinedPrompt)
    times.push(performance.now() - start)
    if (match) matched++
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(times.length * share)] as number).toFixed(4)
  console.log(
    `${kind.padEnd(10)} matched ${((100 * matched) / rounds).toFixed(0)} %, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
}

function write(template: MinedTemplate, ending: string): MinedPrompt {
  const text = (template.user ?? [])
    .map((part) => ('fixed' in part ? part.fixed : filler((characters - 250) / 2)))
    .join('')
  return { structure: '', system: null, user: text + ending }
}
