/** What pattern mining promises: exact templates, the same result every time, in bounded memory, whatever the order. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTemplateMiner } from '../domain/mining/template-miner.ts'
import { createMatcher, type Match } from '../domain/mining/template-matcher.ts'
import { fitParts, shape, toPromptTemplate } from '../domain/mining/parts.ts'
import { fillParts } from './fill-parts.ts'
import { findNeighbours, signatureOf, similarityOf } from '../domain/mining/similarity.ts'
import { clipText } from '../domain/mining/sequence.ts'
import { isBoundary } from '../domain/mining/signs.ts'
import { tokenize } from '../domain/mining/tokens.ts'
import { defaultLimits, type MinedPrompt } from '../domain/mining/types.ts'
import { fillTemplate } from '../domain/enhancements/apply-enhancement.ts'
import { toMinedPrompt } from '../domain/mining/request.ts'
import { readPrompt } from '../domain/exchanges/prompt.ts'
import { createRandom, createRows, createSentence, shuffle } from './patterns-world.ts'
import { learnRows, toPrompt } from './eval/patterns.ts'
import { scoreGrouping } from './eval/grouping-score.ts'

const templates = [
  'Summarise the following report for a busy reader:\n\n{}',
  'Translate this into plain French, keep names as they are.\n\nText: {}\nFrench:',
  '{}\n\nTl;dr in one line',
  'Context: {}\n\nQuestion: {}\n\nAnswer only from the context above.',
  'You review code for mistakes.\n```\n{}\n```\nList at most three problems.',
]

const user = (text: string, structure = ''): MinedPrompt => ({ structure, system: null, user: text })
const refill = (match: Match): (string | null)[] =>
  [match.template.system, match.template.user].map((parts) => (parts === null ? null : fillParts(parts, match.slots)))

describe('templates', () => {
  test('are not made of what lists have in common: unrelated prompts with bullet points stay apart', () => {
    const random = createRandom(11)
    const miner = createTemplateMiner()
    const prompts = Array.from({ length: 24 }, (): MinedPrompt => {
      const words = () => createSentence(random, 6)
      return {
        structure: '',
        system: `${words()}:\n- A ${words()}\n- The ${words()} or "${words()}"\n- If ${words()}`,
        user: words(),
      }
    })
    for (const prompt of prompts) miner.learn(prompt)
    miner.cluster()
    const matcher = miner.matcher()
    expect(prompts.filter((prompt) => matcher.match(prompt) !== null)).toEqual([])
  })

  test('filling a matched template with its slots gives the texts back to the last character', () => {
    const rows = createRows(templates, 12, 3)
    const { miner } = learnRows(rows)
    const matcher = miner.matcher()
    let matched = 0
    for (const row of rows) {
      const match = matcher.match(toPrompt(row))
      if (match === null) continue
      matched++
      expect(refill(match)).toEqual([null, row.text])
      expect(fillTemplate(toPromptTemplate(match.template).template as string, match.slots)).toBe(row.text)
      expect(match.explanation.map((piece) => piece.text).join('')).toBe(row.text)
    }
    expect(matched).toBe(rows.length)
  })

  test('any parts fit any text they were filled into, and give it back, in both notations', () => {
    let fits = 0
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a{} \n]{0,12}$/))
    fc.assert(
      fc.property(
        fc.array(fc.option(text, { freq: 2 }), { maxLength: 9 }),
        fc.array(text, { minLength: 9, maxLength: 9 }),
        (pieces, values) => {
          const parts = shape(pieces, new Set())
          const slots: Record<string, string> = {}
          let next = 0
          for (const part of parts) if ('slot' in part) slots[part.slot] = values[next++] ?? ''
          const filled = fillParts(parts, slots) as string
          const fit = fitParts(parts, filled)
          // Inside a word no fixed text may begin or end: such fillings need not fit, but what fits is exact.
          if (fit === null) return
          fits++
          const found = Object.fromEntries(
            fit.pieces.flatMap((piece) => (piece.slot === null ? [] : [[piece.slot, piece.text]])),
          )
          expect(fillParts(parts, found)).toBe(filled)
          const written = toPromptTemplate({
            structure: '',
            system: null,
            user: parts,
            requires: [],
            excludes: [],
            weight: 0,
          }).template as string
          expect(fillTemplate(written, found)).toBe(filled)
        },
      ),
      { numRuns: 300, seed: 11 },
    )
    expect(fits).toBeGreaterThan(150)
  })

  test('random prompts of random templates are matched and rebuilt exactly', () => {
    let prompted = 0
    let matched = 0
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 6, maxLength: 12 }),
        (seed, slots) => {
          const random = createRandom(seed)
          const head = `${createSentence(random, 8)}:\n`
          const tail = `\n${createSentence(random, 6)}.`
          const prompts = slots.map((slot) => user(`${head}${slot}${tail}`))
          const miner = createTemplateMiner()
          for (const prompt of prompts) miner.learn(prompt)
          miner.cluster()
          for (const prompt of prompts) {
            const match = miner.matcher().match(prompt)
            prompted++
            if (match === null) continue
            matched++
            expect(refill(match)).toEqual([null, prompt.user])
          }
        },
      ),
      { numRuns: 60, seed: 5 },
    )
    expect(prompted).toBeGreaterThan(360)
    expect(matched).toBe(prompted)
  })

  test('tokens cover everything but space, in order, and clipping keeps both ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { count, starts, ends } = tokenize(text)
        let at = 0
        for (let index = 0; index < count; index++) {
          expect(text.slice(at, starts[index])).toMatch(/^\s*$/)
          expect(ends[index]).toBeGreaterThan(starts[index] as number)
          at = ends[index] as number
        }
        expect(text.slice(at)).toMatch(/^\s*$/)
      }),
      { seed: 7 },
    )
    expect(clipText('a'.repeat(50) + 'z'.repeat(50), 40)).toMatch(/^a{30}\0z{9}$/)
    expect([isBoundary('ab', 1), isBoundary('a b', 1), isBoundary('日本', 1)]).toEqual([false, true, true])
  })
})

describe('learning', () => {
  const rows = createRows(templates, 14, 21)

  test('slots far longer than the template do not hide it, and every template is found exactly', () => {
    expect(scoreGrouping(rows, learnRows(rows).groups)).toMatchObject({
      groupingAccuracy: 1,
      pairPrecision: 1,
      groups: templates.length,
    })
  })

  test('the same prompts in the same order give the same state, also over a snapshot in the middle', () => {
    const whole = createTemplateMiner()
    for (const row of rows) whole.learn(toPrompt(row))
    const first = createTemplateMiner()
    for (const row of rows.slice(0, 33)) first.learn(toPrompt(row))
    const second = createTemplateMiner(defaultLimits, JSON.parse(JSON.stringify(first.snapshot())))
    for (const row of rows.slice(33)) second.learn(toPrompt(row))
    expect(second.snapshot()).toEqual(whole.snapshot())
  })

  test('whatever the order, the same groups are found', () => {
    for (const seed of [1, 2, 3, 4]) {
      const shuffled = shuffle(rows, seed)
      expect(scoreGrouping(shuffled, learnRows(shuffled).groups).groupingAccuracy).toBe(1)
    }
  })

  test('the evidence stays within its limits and old patterns stay known when their prompts are forgotten', () => {
    const limits = {
      ...defaultLimits,
      maxEvidence: 60,
      maxEvidenceCharacters: 40_000,
      maxPromptCharacters: 1000,
      maxExamples: 6,
      maxPatterns: 8,
      clusterEvery: 20,
    }
    const miner = createTemplateMiner(limits)
    for (const row of rows) miner.learn(toPrompt(row))
    const known = miner.patterns().map((pattern) => pattern.id)
    const random = createRandom(9)
    for (let index = 0; index < 400; index++) {
      miner.learn(user(createSentence(random, 30)))
      const { evidence, characters, patterns } = miner.size()
      expect(evidence).toBeLessThanOrEqual(60)
      expect(characters).toBeLessThanOrEqual(40_000)
      expect(patterns).toBeLessThanOrEqual(8)
    }
    expect(miner.patterns().map((pattern) => pattern.id)).toEqual(expect.arrayContaining(known))
    miner.learn(user('x'.repeat(100_000)))
    expect(miner.size().characters).toBeLessThanOrEqual(40_000)
  })

  test('prompts of other structure or with a system text never share a pattern', () => {
    const miner = createTemplateMiner()
    for (const row of rows) {
      miner.learn(user(row.text, 'tools: search'))
      miner.learn(user(row.text))
      miner.learn({
        structure: '',
        system: 'You are an assistant of the harbour office. Answer in two sentences.',
        user: row.text,
      })
    }
    miner.cluster()
    const matcher = miner.matcher()
    const text = rows[0]?.text as string
    const ids = [
      matcher.match(user(text, 'tools: search')),
      matcher.match(user(text)),
      matcher.match({
        structure: '',
        system: 'You are an assistant of the harbour office. Answer in two sentences.',
        user: text,
      }),
    ].map((match) => match?.pattern)
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(undefined)
    expect(matcher.match(user(text, 'tools: other'))).toBeNull()
  })

  test('a pattern splits when its prompts turn out to follow two templates, and says so', () => {
    const random = createRandom(4)
    const ask = (ending: string): MinedPrompt =>
      user(`Read the report below and do what is asked.\n\n${createSentence(random, 25)}\n\n${ending}`)
    const miner = createTemplateMiner({ ...defaultLimits, clusterEvery: 1000 })
    for (let index = 0; index < 8; index++) miner.learn(ask(createSentence(random, 7)))
    expect(miner.cluster()).toMatchObject([{ kind: 'found' }])
    const before = miner.patterns()[0]?.id
    for (let index = 0; index < 60; index++)
      miner.learn(
        ask(
          index % 2
            ? 'Write three questions that a careful examiner would put to its author.'
            : 'List every number in it together with the unit that belongs to it.',
        ),
      )
    const events = miner.cluster()
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'split', pattern: before, reason: expect.stringContaining('several templates') }),
    )
    expect(miner.patterns().length).toBeGreaterThanOrEqual(2)
  })
})

describe('a template whose slots hold few values', () => {
  const values = [
    'The harbour opens at nine and closes at five.',
    'Coal barges wait for the tide.',
    'No ship has come in since Monday.',
    'The new crane broke on its first day.',
  ]

  test.each([
    ['over and over', (n: number) => `Summarise the following text in one sentence.\n\nText: ${values[n % 4]}`],
    [
      'each time with another number',
      (n: number) =>
        `You answer for the harbour office. Captain ${n} writes: ${values[n % 4]} Ship ${n * 31} is late. Reply in two lines.`,
    ],
  ])('%s is one template, not one a value', (_, write) => {
    const miner = createTemplateMiner()
    for (let n = 0; n < 40; n++) miner.learn(user(write(n)))
    expect(miner.patterns()).toHaveLength(1)
    expect(miner.patterns()[0]?.count).toBe(40)
  })
})

describe('people', () => {
  const taught = () => {
    const { miner } = learnRows(createRows(templates, 14, 21))
    return miner
  }
  const report = user('Summarise the following report for a busy reader:\n\nharbour dues 2031')
  const french = user('Translate this into plain French, keep names as they are.\n\nText: harbour\nFrench:')

  test('a merge holds after more learning, and counts move along', () => {
    const miner = taught()
    const [a, b] = [miner.matcher().match(report)?.pattern as string, miner.matcher().match(french)?.pattern as string]
    expect(miner.apply({ kind: 'merge', from: a, into: b })).toMatchObject({
      pattern: b,
      events: [{ kind: 'merge', from: a }],
    })
    for (const row of createRows(templates, 20, 77)) miner.learn(toPrompt(row))
    miner.cluster()
    expect([miner.matcher().match(report)?.pattern, miner.matcher().match(french)?.pattern]).toEqual([b, b])
    expect(miner.patterns().find((pattern) => pattern.id === b)).toMatchObject({
      count: 68,
      templates: [expect.anything(), expect.anything()],
    })
    expect(miner.apply({ kind: 'merge', from: b, into: a })).toEqual({ refused: 'the two patterns are one already' })
  })

  test('a split by a text holds after more learning and over a snapshot', () => {
    const miner = taught()
    const whole = miner.matcher().match(report)?.pattern as string
    const applied = miner.apply({ kind: 'split', pattern: whole, containing: 'harbour' })
    const part = 'pattern' in applied ? applied.pattern : ''
    for (const row of createRows(templates, 20, 78)) miner.learn(toPrompt(row))
    const restored = createTemplateMiner(defaultLimits, miner.snapshot())
    restored.cluster()
    expect(restored.matcher().match(report)?.pattern).toBe(part)
    expect(
      restored.matcher().match(user('Summarise the following report for a busy reader:\n\nlock gates'))?.pattern,
    ).toBe(whole)
  })

  test('names and muting outlive re-clustering; unknown patterns are refused', () => {
    const miner = taught()
    const pattern = miner.matcher().match(report)?.pattern as string
    miner.apply({ kind: 'rename', pattern, title: 'Reports' })
    miner.apply({ kind: 'mute', pattern, muted: true })
    miner.cluster()
    expect(miner.patterns().find(({ id }) => id === pattern)).toMatchObject({ title: 'Reports', muted: true })
    expect(miner.apply({ kind: 'mute', pattern: 'p999', muted: true })).toEqual({
      refused: 'there is no pattern p999',
    })
  })
})

describe('requests', () => {
  test('tools are structure whatever their order and dialect, further turns are not', () => {
    const read = (body: unknown) => toMinedPrompt(body, readPrompt('chat', body))
    const ask = { role: 'user', content: 'Which ships are due?' }
    const tool = (name: string) => ({ type: 'function', function: { name } })
    const first = read({ messages: [ask], tools: [tool('tide'), tool('berth')] })
    expect(
      read({ messages: [ask, { role: 'assistant', content: 'Two.' }, ask], tools: [tool('berth'), { name: 'tide' }] }),
    ).toEqual(first)
    expect(first).toEqual({ structure: 'tools berth tide', system: null, user: 'Which ships are due?' })
    expect([read(null), read({ tools: [null, {}] })]).toEqual(
      [user('', ''), user('', 'tools ? ?')].map((prompt) => ({ ...prompt, user: null })),
    )
  })
})

describe('neighbours', () => {
  test('near-variants are neighbours, strangers are not', () => {
    const of = (text: string) => ({
      structure: '',
      system: null,
      user: [{ fixed: text }, { slot: 'input' }],
      requires: [],
      excludes: [],
      weight: 9,
    })
    const close = of('Write a short summary of the following article for a general reader in plain words: ')
    const near = of('Write a long summary of the following article for a general reader in plain words: ')
    const far = of('Translate the sentence below into French and keep all names: ')
    expect(similarityOf(signatureOf(close), signatureOf(near))).toBeGreaterThan(0.6)
    expect(similarityOf(signatureOf(close), signatureOf(far))).toBeLessThan(0.2)
    const record = { title: null, muted: false, count: 1, firstSeen: 1, lastSeen: 1, version: 1 }
    const patterns = [close, near, far].map((template, index) => ({
      id: `p${index}`,
      templates: [template],
      ...record,
    }))
    expect(findNeighbours(patterns, 0.5, 10)).toMatchObject([{ a: 'p0', b: 'p1' }])
  })

  test('among templates that fit, the one that fixes more is chosen', () => {
    const part = (fixed: string) => ({
      structure: '',
      system: null,
      user: [{ fixed }, { slot: 'input' }],
      requires: [],
      excludes: [],
      weight: tokenize(fixed).count,
    })
    const matcher = createMatcher([
      { id: 'general', templates: [part('Answer the question ')] },
      { id: 'special', templates: [part('Answer the question in French: ')] },
    ])
    expect(matcher.match(user('Answer the question in French: why?'))).toMatchObject({
      pattern: 'special',
      slots: { input: 'why?' },
    })
    expect(matcher.match(user('Answer the question in German: why?'))?.pattern).toBe('general')
    expect(matcher.match(user('Answer the questions'))).toBeNull()
  })
})
