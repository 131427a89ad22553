/** What counts as a row that PostgreSQL rejects: only that may cost an exchange its place in what is learned. */
import { describe, expect, test } from 'vitest'
import { isOwnFault, isRejectedRow } from '../repositories/system/quarantine.ts'

const withCode = (code: string) => Object.assign(new Error('no'), { code })

describe('a rejected row', () => {
  test.each([
    ['a value that no text may hold', '22P05'],
    ['a moment out of range', '22008'],
    ['a key that exists', '23505'],
    ['a row that is too large for an index', '54000'],
    ['a trigger that objects', 'P0001'],
  ])('is %s', (_, code) => {
    expect(isRejectedRow(withCode(code))).toBe(true)
  })

  test.each([
    ['a lost connection', withCode('ECONNREFUSED')],
    ['a server that shuts down', withCode('57P01')],
    ['a full disk', withCode('53100')],
    ['a deadlock', withCode('40P01')],
    ['a missing table', withCode('42P01')],
    ['a fault of our own', new TypeError('cannot read properties of undefined')],
    ['text of ours that is no JSON', new SyntaxError('unexpected token')],
    ['no error at all', null],
  ])('is not %s', (_, error) => {
    expect(isRejectedRow(error)).toBe(false)
  })
})

test('faults of our own are told from what a database or a network does', () => {
  expect([new TypeError(), new RangeError(), new SyntaxError(), new ReferenceError()].every(isOwnFault)).toBe(true)
  expect([withCode('23505'), withCode('ECONNRESET'), new Error('no'), null].some(isOwnFault)).toBe(false)
})
