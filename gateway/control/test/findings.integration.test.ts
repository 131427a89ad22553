import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAdmin, tokens, type Admin } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

const insert = async (kind: string, patternId: string | null): Promise<string> => {
  const id = v7()
  await admin.seed.client.query(
    `insert into findings (id, kind, subject, pattern_id, message, detail) values ($1::uuid, $2, $1::text, $3, 'success fell', '{"logE": 9}')`,
    [id, kind, patternId],
  )
  return id
}

test('findings are listed newest first, by kind and by pattern, the open ones unless asked otherwise', async () => {
  const patternId = await admin.seed.pattern({ title: 'Translate' })
  const [first, second, third] = [
    await insert('drift', patternId),
    await insert('model_change', null),
    await insert('drift', null),
  ]
  const ids = async (input: object = {}): Promise<string[]> =>
    (await admin.query('system.findings', input)).data.items.map((item: { id: string }) => item.id)
  expect(await ids()).toEqual([third, second, first])
  expect(await ids({ kind: 'drift' })).toEqual([third, first])
  expect(await ids({ patternId })).toEqual([first])
  expect((await admin.query('system.findings', { patternId })).data.items[0]).toMatchObject({
    kind: 'drift',
    patternTitle: 'Translate',
    message: 'success fell',
    detail: { logE: 9 },
    resolvedAt: null,
  })
  const page = (await admin.query('system.findings', { limit: 2 })).data
  expect((await admin.query('system.findings', { limit: 2, cursor: page.nextCursor })).data).toMatchObject({
    items: [{ id: first }],
    nextCursor: null,
  })

  expect((await admin.mutate('system.dismissFinding', { id: first }, tokens.reviewer)).data).toEqual({ id: first })
  expect((await admin.mutate('system.dismissFinding', { id: first })).error).toMatchObject({
    data: { code: 'NOT_FOUND' },
  })
  expect(await ids({ patternId })).toEqual([])
  expect((await admin.query('system.findings', { open: false })).data.items).toMatchObject([
    { id: first, resolvedBy: 'reviewer' },
  ])
})

test('a kind that nobody knows is refused by its name', async () => {
  const { status, error } = await admin.query('system.findings', { kind: 'weather' })
  expect(status).toBe(400)
  expect(error?.message).toContain('kind')
})
