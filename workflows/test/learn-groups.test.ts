import { describe, expect, test } from 'vitest'
import { createLearnGroups } from '../activities/learn.ts'

const result = (id: string) => ({ patternId: id, verdict: 'none' as const, enhancementId: null })

describe('learning in groups', () => {
  test('what arrives while a transaction is under way goes into the next one together', async () => {
    const groups: string[][] = []
    const gate = Promise.withResolvers<void>()
    const learn = createLearnGroups(async (ids) => {
      groups.push(ids)
      if (groups.length === 1) await gate.promise
      return new Map(ids.map((id) => [id, result(id)]))
    })
    const all = ['a', 'b', 'c', 'b'].map(learn)
    gate.resolve()
    expect((await Promise.all(all)).map((learned) => learned?.patternId)).toEqual(['a', 'b', 'c', 'b'])
    expect(groups).toEqual([['a'], ['b', 'c']])
  })

  test.each([
    ['that PostgreSQL rejects', Object.assign(new Error('no'), { code: '22P02' })],
    ['on which our own code fails', new TypeError('no')],
  ])('an exchange %s does not spoil the others of its group', async (_, failure) => {
    const learn = createLearnGroups(async (ids) => {
      await Promise.resolve()
      if (ids.includes('bad')) throw failure
      return new Map(ids.map((id) => [id, result(id)]))
    })
    const settled = await Promise.allSettled(['a', 'bad', 'b'].map(learn))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('without a connection everybody waits for the next attempt', async () => {
    let calls = 0
    const learn = createLearnGroups(async () => {
      calls++
      throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    })
    const settled = await Promise.allSettled(['a', 'b', 'c'].map(learn))
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
    expect(calls).toBe(2)
  })
})
