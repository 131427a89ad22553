/** Which stored exchanges a rule's condition asks for by name, so that its test finds them behind all the others. */
import { expect, test } from 'vitest'
import { readNamed } from '../rule-samples.ts'

test.each([
  ['team == "sales"', { team: 'sales' }],
  ['key == \'web\' && text.contains("order")', { key: 'web' }],
  ['model == "gpt-4o" && team=="a b"', { model: 'gpt-4o', team: 'a b' }],
  ['', {}],
  ['text.contains("team")', {}],
  ['x.team == "sales"', {}],
  ['"sales" == team', {}],
  ['team == "sales" || key == "web"', {}],
  ['!(team == "sales")', {}],
  ['team != "sales"', {}],
  ['team == "a\\"b"', {}],
])('%s', (condition, named) => {
  expect(readNamed(condition)).toEqual(named)
})
