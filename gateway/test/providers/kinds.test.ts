/** The table of providers and what the configuration knows of it are one. */
import { expect, test } from 'vitest'
import { knownKinds } from '../../../db/config/provider-kinds.ts'
import { kinds } from '../../providers/kinds.ts'

test('the configuration knows every row, its address and its wires, and no other', () => {
  const facts = ({
    name,
    baseUrl,
    wires,
  }: {
    name: string
    baseUrl: string | null
    wires: readonly string[]
  }): object => ({ name, baseUrl, wires })
  const byName = (one: { name: string }, other: { name: string }): number => one.name.localeCompare(other.name)
  expect(knownKinds.map(facts as never).toSorted(byName as never)).toEqual(
    kinds.map(facts as never).toSorted(byName as never),
  )
})

test('what a model is asked in is among what its provider speaks', () => {
  for (const kind of kinds)
    for (const model of ['m', 'claude-x', 'anthropic.claude-x'])
      expect(kind.wires).toEqual(expect.arrayContaining([...(kind.wiresOf?.(model) ?? kind.wires)]))
})
