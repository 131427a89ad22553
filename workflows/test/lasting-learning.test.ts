/** Learning goes on for ever, in bounded steps, and what is learned stays unless enough prompts speak against it. */
import { describe, expect, test } from 'vitest'
import { toPromptTemplate } from '../domain/mining/parts.ts'
import { createTeamMiner } from '../domain/mining/team-miner.ts'
import { createTemplateMiner } from '../domain/mining/template-miner.ts'
import { defaultLimits, type MinedPrompt } from '../domain/mining/types.ts'
import { createRandom, createSentence } from './patterns-world.ts'

const user = (text: string): MinedPrompt => ({ structure: '', system: null, user: text })

function createApplication(random: () => number, systemWords = 0): () => MinedPrompt {
  const system = systemWords === 0 ? null : createSentence(random, systemWords)
  const [head, tail] = [createSentence(random, 6), createSentence(random, 5)]
  return () => ({
    structure: '',
    system,
    user: `${head}: ${createSentence(random, 5 + random() * 30)}\n${tail} ${createSentence(random, 3 + random() * 9)}`,
  })
}

describe('new templates are found when the evidence is full', () => {
  test.each([
    ['many short ones', { ...defaultLimits, maxEvidence: 240, maxExamples: 8 }, 60, 0],
    ['few with long system prompts', { ...defaultLimits, maxEvidenceCharacters: 130_000, maxExamples: 8 }, 14, 200],
  ])('of %s', (_, limits, oldCount, systemWords) => {
    const random = createRandom(6)
    const team = createTeamMiner(limits)
    const old = Array.from({ length: oldCount }, () => createApplication(random, systemWords))
    for (let round = 0; round < 28; round++) team.learn(old.map((write) => write()))
    expect(team.patterns()).toHaveLength(oldCount)
    for (let generation = 0; generation < 2; generation++) {
      const fresh = Array.from({ length: 5 }, () => createApplication(random, systemWords))
      for (let round = 0; round < 30; round++)
        team.learn([...fresh.map((write) => write()), ...old.slice(0, 5).map((write) => write())])
      const found = fresh.map((write) => team.find(write()))
      expect(found).not.toContain(null)
      expect(new Set(found).size).toBe(5)
      expect(team.size().evidence).toBeLessThanOrEqual(limits.maxEvidence + 64)
    }
  })

  test('and prompts of a pattern that changes no more leave a few examples', () => {
    const random = createRandom(2)
    const miner = createTemplateMiner()
    const write = createApplication(random)
    for (let index = 0; index < 500; index++) miner.learn(write())
    expect(miner.patterns()[0]?.count).toBe(500)
    expect(miner.size().evidence).toBeLessThanOrEqual(3 * defaultLimits.maxExamples)
  })
})

describe('a clustering', () => {
  const random = createRandom(4)
  const write = Array.from({ length: 6 }, () => createApplication(random, 1_200))
  const prompts = Array.from({ length: 130 }, (_, index) => (write[index % 6] as () => MinedPrompt)())

  test('of much evidence goes on with each prompt, over a restart in its middle as well', () => {
    const whole = createTemplateMiner()
    const restarted = [createTemplateMiner()]
    let interrupted = 0
    for (const prompt of prompts) {
      whole.learn(prompt)
      restarted[0]!.learn(prompt)
      if (interrupted > 0) continue
      const snapshot = restarted[0]!.snapshot()
      if (snapshot.running?.steps !== 2) continue
      interrupted++
      restarted[0] = createTemplateMiner(defaultLimits, JSON.parse(JSON.stringify(snapshot)))
    }
    expect(interrupted).toBeGreaterThan(0)
    expect(restarted[0]!.snapshot()).toEqual(whole.snapshot())
    expect(whole.patterns()).toHaveLength(6)
  })
})

describe('a template', () => {
  const random = createRandom(7)
  const report = (word: string): MinedPrompt =>
    user(
      `You write for a busy harbour master. Read the ${word} below with care, keep every number as it is, leave out greetings and thanks, and answer in three plain sentences.\n\n${createSentence(random, 20 + random() * 20)}`,
    )

  test('of forty prompts stays as it is when one comes with a word changed, and changes when many do', () => {
    const miner = createTemplateMiner()
    for (let index = 0; index < 40; index++) miner.learn(report('report'))
    miner.cluster()
    const [before] = miner.patterns()
    miner.learn(report('letter'))
    miner.cluster()
    expect(miner.patterns()).toEqual([
      expect.objectContaining({ version: before?.version, templates: before?.templates }),
    ])
    for (const word of ['note', 'message', 'log', 'letter', 'memo', 'diary', 'table', 'list']) miner.learn(report(word))
    miner.cluster()
    const match = miner.matcher().match(report('telegram'))
    expect(match?.pattern).toBe(before?.id)
    expect(toPromptTemplate(match!.template).template).toContain('Read the {{')
  })
})

describe('turns of a conversation', () => {
  const random = createRandom(9)

  test('are no prompts of their own: chats without a template are no patterns', () => {
    const team = createTeamMiner()
    for (let chat = 0; chat < 25; chat++) {
      const first = { ...user(createSentence(random, 12)), conversation: `chat ${chat}` }
      for (let turn = 0; turn < 12; turn++) team.learn([first])
    }
    team.cluster()
    expect(team.patterns()).toEqual([])
    expect(team.size().evidence).toBe(25)
  })

  test('count once for the pattern of their first prompt', () => {
    const miner = createTemplateMiner()
    const write = createApplication(random)
    for (let chat = 0; chat < 20; chat++) {
      const first = { ...write(), conversation: `chat ${chat}` }
      for (let turn = 0; turn < 5; turn++) miner.learn(first)
    }
    miner.cluster()
    expect(miner.patterns()).toMatchObject([{ count: 20 }])
  })

  test('the same words in other conversations are prompts', () => {
    const miner = createTemplateMiner()
    for (let chat = 0; chat < 20; chat++)
      miner.learn({ ...user('Give me the report of all ships that came in today.'), conversation: `chat ${chat}` })
    expect(miner.patterns()).toMatchObject([{ count: 20 }])
  })
})
