/** One contract for both stores: whoever works with one works with the other. */
import { randomUUID } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { KvUnavailable, type Kv } from '../process/key-value.ts'
import { openMemoryKv } from '../process/key-value-memory.ts'
import { openKv, openRedisKv } from '../process/redis.ts'

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 5_000
  while (!(await check())) {
    if (performance.now() > endsAt) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe.each([
  ['in this process', () => openKv(null)],
  ['on Redis', () => openKv(inject('redisUrl'))],
])('%s', (_, open) => {
  let kv: Kv
  const key = (): string => `test:${randomUUID()}`
  beforeAll(() => {
    kv = open()
  })
  afterAll(() => kv.close())

  test('what was set is got until it is deleted', async () => {
    const name = key()
    expect(await kv.get(name)).toBeNull()
    await kv.set(name, 'ü', 10_000)
    expect(await kv.get(name)).toBe('ü')
    await kv.set(name, '', 10_000)
    expect(await kv.get(name)).toBe('')
    await kv.delete(name)
    expect(await kv.get(name)).toBeNull()
    await kv.delete(name)
  })

  test('a value ends with its time', async () => {
    const name = key()
    await kv.set(name, 'short', 60)
    await until(async () => (await kv.get(name)) === null)
  })

  test('counting is one by one, also when many count at once', async () => {
    const name = key()
    const counts = await Promise.all(Array.from({ length: 50 }, () => kv.increment(name, 10_000)))
    expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect(await kv.get(name)).toBe('50')
  })

  test('a window ends although it is counted on', async () => {
    const name = key()
    let highest = 0
    await until(async () => {
      const count = await kv.increment(name, 150)
      const began = count < highest
      highest = Math.max(highest, count)
      return began
    })
    expect(highest).toBeGreaterThan(1)
  })

  test('every listener hears every message of its channel, until it stops', async () => {
    const [channel, other] = [key(), key()]
    const heard: string[] = []
    const stopFirst = await kv.subscribe(channel, (message) => heard.push(`first ${message}`))
    const stopSecond = await kv.subscribe(channel, (message) => heard.push(`second ${message}`))
    await kv.publish(other, 'not for us')
    await kv.publish(channel, 'a')
    await until(() => heard.length === 2)
    expect(heard.sort()).toEqual(['first a', 'second a'])
    await stopFirst()
    await kv.publish(channel, 'b')
    await until(() => heard.includes('second b'))
    expect(heard).not.toContain('first b')
    await stopSecond()
    await kv.publish(channel, 'c')
    expect(heard.join()).not.toContain('c c')
  })

  test('a listener is never called inside of publish', async () => {
    const channel = key()
    const order: string[] = []
    const stop = await kv.subscribe(channel, () => order.push('heard'))
    const published = kv.publish(channel, 'x')
    order.push('publishing')
    await published
    await until(() => order.includes('heard'))
    expect(order).toEqual(['publishing', 'heard'])
    await stop()
  })
})

test('a Redis that is away is reported, not waited for', async () => {
  const kv = openRedisKv('redis://127.0.0.1:1')
  for (const attempt of [
    () => kv.get('a'),
    () => kv.set('a', 'b', 1_000),
    () => kv.increment('a', 1_000),
    () => kv.publish('a', 'b'),
  ]) {
    await expect(attempt()).rejects.toBeInstanceOf(KvUnavailable)
  }
  await kv.subscribe('a', () => {})
  await kv.close()
})

test('a Redis that takes connections and never answers is given up', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const kv = openRedisKv(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  await expect(kv.get('a')).rejects.toBeInstanceOf(KvUnavailable)
  await kv.close()
  silent.close()
})

test('the memory of the stand-in has a bound: the oldest entries make room', async () => {
  const kv = openMemoryKv(3)
  for (const name of ['a', 'b', 'c', 'd']) await kv.set(name, name, 10_000)
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((name) => kv.get(name)))).toEqual([null, 'b', 'c', 'd'])
  await kv.close()
})
