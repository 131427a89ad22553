/**
 * A team's miner: what counts from when on, what it says of the stored, and that cutting into batches changes
 * nothing.
 */
import { describe, expect, test } from 'vitest'
import { fingerprintTexts } from '../domain/patterns/fingerprint.ts'
import { createPatternIndex } from '../domain/patterns/identify.ts'
import { defaultLimits, type MinedPrompt } from '../domain/mining/types.ts'
import { createTeamMiner } from '../domain/mining/team-miner.ts'
import { createRows } from './patterns-world.ts'
import { toPrompt } from './eval/patterns.ts'

const user = (text: string): MinedPrompt => ({ structure: '', system: null, user: text })
const hashOf = (text: string): string => fingerprintTexts(null, text)?.hash ?? ''
const words = [
  'late tugs',
  'coal barges',
  'the night shift',
  'fog signals',
  'harbour dues',
  'a broken crane',
  'ice in the lock',
]
const report = (index: number): string =>
  `Summarise the report below for a busy reader: ${words[index % 7]} ${index * 13}`
const topic = (index: number): string =>
  `${words[index % 7]} ${index}\n\nWrite one short headline about the topic above.`

describe('a template', () => {
  test('that one opening tells apart just as well takes its place from the twelfth prompt on', () => {
    const team = createTeamMiner()
    for (let index = 0; index < 11; index++) expect(team.learn([user(report(index))]).patterns).toEqual([null])
    const told = Array.from({ length: 8 }, (_, index) => team.learn([user(report(index + 11))])).find(
      ({ changed }) => changed.length > 0,
    )
    expect(told?.events).toMatchObject([{ kind: 'found' }])
    expect(told?.review.openings).toContainEqual([hashOf(report(0)), told?.changed[0]?.id])
    expect(team.find(user(report(99)))).toBe(told?.changed[0]?.id)
  })

  test('of prompts that begin in many ways counts as soon as it is found', () => {
    const team = createTeamMiner()
    const found = Array.from({ length: 8 }, (_, index) => team.learn([user(topic(index))])).flatMap(
      ({ changed }) => changed,
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.count).toBeLessThan(9)
  })

  test('that explains only some prompts of an opening says that the opening stands for itself', () => {
    const team = createTeamMiner()
    for (let index = 0; index < 24; index++) team.learn([user(report(index))])
    const said = team.learn([user('Summarise the report below in verse if you can')]).contradicted
    expect([...said, ...team.cluster().contradicted]).toEqual([hashOf('Summarise the report below x')])
    expect(team.openings().get(hashOf(report(0)))).toMatchObject({ unexplained: 1 })
  })
})

test('batches of any size, and a restart in the middle, give the same patterns and the same state', () => {
  const prompts = createRows(
    [
      'Summarise the following report for a busy reader:\n\n{}',
      'Translate this into plain French.\n\nText: {}\nFrench:',
    ],
    40,
    5,
  ).map(toPrompt)
  const one = createTeamMiner()
  for (const prompt of prompts) one.learn([prompt])
  const many = createTeamMiner()
  many.learn(prompts.slice(0, 33))
  const restarted = createTeamMiner(defaultLimits, JSON.parse(JSON.stringify(many.snapshot())))
  restarted.learn(prompts.slice(33))
  expect(restarted.snapshot()).toEqual(one.snapshot())
})

test('a prompt that no template explains is known by its opening, where that is one', () => {
  const team = createTeamMiner()
  for (let index = 0; index < 24; index++) team.learn([user(report(index))])
  const index = createPatternIndex({
    patterns: team.patterns(),
    openings: [[hashOf('Name the ships that sailed'), 'ships']],
  })
  const identify = (text: string) => index.identify({}, { system: null, user: { text, path: [] } })
  expect(identify(report(77))).toMatchObject({
    patternId: team.patterns()[0]?.id,
    by: 'template',
    slots: { input: 'late tugs 1001' },
  })
  expect(identify('Name the ships that left')).toMatchObject({
    patternId: 'ships',
    by: 'opening',
    slots: { input: 'left' },
  })
  expect(identify('What is the time')).toBeNull()
})
