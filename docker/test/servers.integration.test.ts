import { Connection } from '@temporalio/client'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { searchAttributes } from '../local/temporal.ts'
import { createTestDatabase } from './database.ts'

test('a test file has a database to itself', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
  expect(one.url).not.toBe(two.url)
  const client = new Client({ connectionString: one.url })
  await client.connect()
  const { rows } = await client.query<{ tables: string }>(
    `select count(*) as tables from pg_tables where schemaname = 'public'`,
  )
  expect(rows[0]?.tables).toBe('0')
  await client.end()
  await Promise.all([one.drop(), two.drop()])
})

test('the Temporal server knows what workflows are searched by', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') })
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' })
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(searchAttributes))
  await connection.close()
})

test('Redis answers', async () => {
  const redis = new Redis(inject('redisUrl'))
  expect(await redis.ping()).toBe('PONG')
  redis.disconnect()
})
