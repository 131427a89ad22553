/** Long prompts are identified by their ends, and work on them is limited, whatever their bytes are. */
import { describe, expect, test } from 'vitest'
import { shape } from '../domain/mining/parts.ts'
import { createMatcher } from '../domain/mining/template-matcher.ts'
import { weightOf } from '../domain/mining/template.ts'
import type { MinedPrompt, MinedTemplate } from '../domain/mining/types.ts'
import { fingerprintTexts } from '../domain/patterns/fingerprint.ts'
import { fillTemplate } from '../domain/enhancements/apply-enhancement.ts'
import { createRandom, createSentence } from './patterns-world.ts'

const random = createRandom(8)
const toTemplate = (pieces: (string | null)[]): MinedTemplate => {
  const user = shape(pieces, new Set())
  return { structure: '', system: null, user, requires: [], excludes: [], weight: weightOf(user) }
}
const prompt = (user: string): MinedPrompt => ({ structure: '', system: null, user })
const matcherOf = (templates: MinedTemplate[]) =>
  createMatcher(templates.map((template, index) => ({ id: `p${index}`, templates: [template] })))

describe('long prompts', () => {
  const openings = Array.from({ length: 10 }, () => createSentence(random, 12))
  const templates = Array.from({ length: 500 }, (_, index) =>
    toTemplate([
      `${openings[index % 10]}\n\n`,
      null,
      `\n\n${createSentence(random, 6)}: `,
      null,
      `\n${createSentence(random, 8)}.`,
    ]),
  )
  const matcher = matcherOf(templates)

  test.each([4_000, 40_000, 150_000])('of %i characters a slot are found among templates that open alike', (length) => {
    const filler = createSentence(random, length / 5).slice(0, length)
    for (let index = 0; index < 500; index += 25) {
      const text = (templates[index]?.user ?? []).map((part) => ('fixed' in part ? part.fixed : filler)).join('')
      expect(matcher.match(prompt(text))?.pattern).toBe(`p${index}`)
    }
    expect(matcher.givenUp).toBe(0)
  })

  test('of which only the beginning is fixed, and longer than is kept for learning, are found', () => {
    const system = createSentence(random, 9_000)
    const template = { ...toTemplate([null]), system: [{ fixed: system.slice(0, 12_288) }, { slot: 'input' }] }
    expect(matcherOf([template]).match({ structure: '', system, user: 'Go.' })?.pattern).toBe('p0')
  })
})

describe('a text made to cost much', () => {
  test('is left unidentified and counted once it has taken its share, and the next one is looked at', () => {
    const planted = Array.from({ length: 300 }, (_, index) =>
      toTemplate(['An early fragment here ', null, ` a ${'a '.repeat(20)}b${index} `, null, ' tail']),
    )
    const matcher = matcherOf([...planted, toTemplate(['Summarise the report below. ', null])])
    const hostile = prompt(`An early fragment here ${'a '.repeat(200_000)} tail`)
    expect(matcher.match(hostile)).toBeNull()
    expect(matcher.givenUp).toBe(1)
    expect(matcher.match(prompt('Summarise the report below. Ice in the lock.'))?.pattern).toBe('p300')
    expect(matcher.givenUp).toBe(1)
  })
})

describe('the opening of a text without spaces', () => {
  const hashOf = (text: string) => fingerprintTexts(null, text)?.hash

  test('is its first signs, also where a digit follows', () => {
    const text = '请把下面的报告总结成三句话，并且保留所有的数字与名称，2031年港口费用是多少呢，请逐条说明理由'
    const other = '请用法语翻译以下的段落并且不要改变任何名字，1999年的船只有多少艘呢，请逐条说明理由才行呀'
    expect(hashOf(text)).not.toBe(hashOf(other))
    expect(hashOf(text)).toBe(hashOf(`${text.slice(0, 14)}${other.slice(14)}`))
    const opening = fingerprintTexts(null, text)
    expect(fillTemplate(opening?.template.template as string, opening?.slots ?? {})).toBe(text)
  })

  test('of nothing but spaces is short', () => {
    const opening = fingerprintTexts(null, ' '.repeat(400_000))
    expect(opening?.template.template?.length).toBeLessThan(100)
  })
})
