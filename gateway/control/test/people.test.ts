import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPeople, listAdmins } from '../people.ts'

const reviewer = { name: 'reviewer', token: 'r'.repeat(40) }

test('the person admin is there by its token, or when there is nobody else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sinew-people-'))
  expect(listAdmins([reviewer], 'a-token', folder)).toEqual([reviewer, { name: 'admin', token: 'a-token' }])
  expect(listAdmins([reviewer], null, folder)).toEqual([reviewer])
  const generated = listAdmins([], null, folder)
  expect(generated).toMatchObject([{ name: 'admin', token: expect.stringMatching(/^admin-[0-9a-f]{48}$/) }])
  expect(listAdmins([], null, folder)).toEqual(generated)
  rmSync(folder, { recursive: true, force: true })
})

test('a new token ends all sessions of the old one', () => {
  const before = createPeople([reviewer])
  const session = before.seal({ name: 'reviewer' }, 2_000)
  expect(before.open(session, 1_000)).toEqual({ name: 'reviewer' })
  expect(createPeople([{ ...reviewer, token: 's'.repeat(40) }]).open(session, 1_000)).toBeNull()
  expect(createPeople([{ name: 'other', token: reviewer.token }]).open(session, 1_000)).toBeNull()
})

test('a session ends with its time', () => {
  const people = createPeople([reviewer])
  expect(people.open(people.seal({ name: 'reviewer' }, 2_000), 2_000)).toBeNull()
})
