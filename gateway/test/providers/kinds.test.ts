/** The table of providers and what the configuration knows of it are one. */
import { expect, test } from 'vitest'
import { toAddressedCall } from '../../../db/config/provider-addresses.ts'
import { addressOf, knownKinds, wiresFor } from '../../../db/config/provider-kinds.ts'
import { kinds } from '../../providers/kinds.ts'
import { openTarget } from '../../providers/targets.ts'

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

test('a call that does not go through the gateway has the same address and the same key as one that does', async () => {
  const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1 }
  for (const known of knownKinds) {
    const provider = {
      name: 'p',
      kind: known.name,
      dialect: 'openai' as const,
      baseUrl: known.baseUrl ?? 'https://provider.test/v1',
      apiKey: 'key',
      models: [],
      timeouts,
      headers: { 'x-own': '1' },
    }
    const target = openTarget(provider)
    const wires = wiresFor(provider, 'm')
    expect(wires).toEqual(known.throughGatewayOnly === true ? [] : target.wiresOf('m'))
    for (const wire of wires) {
      const call = { wire, model: 'm', stream: false }
      const { path, credentials, defaults } = target.prepare(call)
      const { url, headers } = toAddressedCall(addressOf(known), provider, call)
      expect(url).toBe(target.base.origin + path)
      expect(toPairs(headers)).toEqual(toPairs([...credentials, ...defaults]))
    }
    await target.pool.destroy()
  }
})

function toPairs(headers: readonly string[]): string[] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [])).toSorted()
}
