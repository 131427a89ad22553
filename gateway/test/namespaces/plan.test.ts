import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { nameFinders, planNamespace } from '../../namespaces/plan.ts'
import type { NamespacePlace } from '../../namespaces/prefix.ts'
import { editJson } from '../../bytes/json-edit.ts'
import { oddBody, toolName, trafficOf } from './traffic.ts'

const wires = ['chat', 'responses', 'messages'] as const
const place: NamespacePlace = { toolNamespace: 'acme', keyName: 'demo', endUser: null, sessionKey: null, model: 'gpt' }
const allowed = /^[a-zA-Z0-9_-]{1,64}$/
const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe.each(wires)('a %s request in a namespace', (wire) => {
  test('has every name of the client changed, also in choices and history, and nothing else; put back, its bytes are those that came', () => {
    fc.assert(
      fc.property(trafficOf(wire), (traffic) => {
        const original = toBytes(traffic.request((name) => name))
        const plan = planNamespace(wire, JSON.parse(original.toString()), place)
        if (plan === null) throw new Error('nothing was planned')
        const toUpstream = new Map([...plan.restore].map(([upstream, client]) => [client, upstream]))
        const sent = editJson(original, plan.edits) as Buffer
        // The same request, built with the other names in every place that has one.
        expect(sent.toString()).toBe(toBytes(traffic.request((name) => toUpstream.get(name) as string)).toString())
        const back = nameFinders[wire]
          .inRequest(JSON.parse(sent.toString()))
          .flatMap(({ path, name }) =>
            plan.restore.has(name) ? [{ kind: 'replace' as const, path, text: plan.restore.get(name) as string }] : [],
          )
        expect(editJson(sent, back)?.equals(original)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('sends only names that every provider takes, in its namespace, and never one name for two tools', () => {
    fc.assert(
      fc.property(
        fc.array(toolName, { minLength: 1, maxLength: 40 }),
        fc.stringMatching(/^[a-zA-Z0-9_-]{1,24}$/),
        (names, prefix) => {
          const plan = planNamespace(wire, toRequest(wire, names), { ...place, toolNamespace: prefix })
          const upstream = [...(plan?.restore.keys() ?? [])]
          expect(upstream).toHaveLength(new Set(names).size)
          for (const name of upstream) {
            expect(name).toMatch(allowed)
            expect(name.startsWith(prefix)).toBe(true)
          }
          expect(new Set(plan?.restore.values())).toEqual(new Set(names))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('any JSON at all is taken, and what is planned for it can be done', () => {
    fc.assert(
      fc.property(oddBody, fc.constantFrom('session', 'model', 'acme', 'off'), (body, toolNamespace) => {
        const bytes = toBytes(body)
        const plan = planNamespace(wire, JSON.parse(bytes.toString()), { ...place, toolNamespace })
        if (plan !== null) expect(() => JSON.parse((editJson(bytes, plan.edits) as Buffer).toString())).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })

  test('names that the provider has given stay: they are not in the plan', () => {
    const own = {
      chat: { type: 'builtin_function', function: { name: 'search' } },
      responses: { type: 'mcp', server_label: 'x', name: 'search' },
      messages: { type: 'web_search_20250305', name: 'search' },
    }[wire]
    const body = toRequest(wire, ['lookup', 'search']) as { tools: unknown[] }
    body.tools = [body.tools[0], own]
    expect([...(planNamespace(wire, body, place)?.restore.values() ?? [])]).toEqual(['lookup'])
  })

  test('is left alone where the key has no namespace, or the client no tools', () => {
    expect(planNamespace(wire, toRequest(wire, ['lookup']), { ...place, toolNamespace: 'off' })).toBeNull()
    expect(
      planNamespace(wire, { model: 'm', messages: [{ role: 'user', content: 'tools' }], input: 'tools' }, place),
    ).toBeNull()
  })

  test('keeps its names in all turns of a session, given or derived, and has others in another session', () => {
    const prefixOf = (turns: string[], sessionKey: string | null): string | undefined =>
      planNamespace(wire, toRequest(wire, ['lookup'], turns), { ...place, toolNamespace: 'session', sessionKey })
        ?.prefix
    expect(prefixOf(['Hello', 'Hi', 'How are you?'], null)).toBe(prefixOf(['Hello'], null))
    expect(prefixOf(['Hello'], null)).not.toBe(prefixOf(['Good morning'], null))
    expect(prefixOf(['Hello'], 'one')).toBe(prefixOf(['Good morning'], 'one'))
    expect(prefixOf(['Hello'], 'one')).not.toBe(prefixOf(['Hello'], 'two'))
    expect(
      planNamespace(wire, toRequest(wire, ['lookup'], ['Hello']), {
        ...place,
        toolNamespace: 'session',
        endUser: 'ann',
      })?.prefix,
    ).not.toBe(prefixOf(['Hello'], null))
  })

  test('has names of its model, whatever the session', () => {
    const prefixOf = (model: string, sessionKey: string): string | undefined =>
      planNamespace(wire, toRequest(wire, ['lookup']), { ...place, toolNamespace: 'model', model, sessionKey })?.prefix
    expect(prefixOf('gpt', 'one')).toBe(prefixOf('gpt', 'two'))
    expect(prefixOf('gpt', 'one')).not.toBe(prefixOf('claude', 'one'))
  })
})

describe('names in a namespace', () => {
  const namesFor = (names: string[], toolNamespace = 'acme'): string[] => [
    ...(planNamespace('chat', toRequest('chat', names), { ...place, toolNamespace })?.restore.keys() ?? []),
  ]

  test('stay readable: the prefix, then the name as far as there is space', () => {
    expect(namesFor(['lookup'])).toEqual(['acme__lookup'])
    expect(namesFor(['lookup'], 'acme-')).toEqual(['acme-lookup'])
    expect(namesFor(['search.web'])[0]).toMatch(/^acme__search_web_[0-9a-f]{16}$/)
    expect(namesFor(['x'.repeat(58)])).toEqual([`acme__${'x'.repeat(58)}`])
    expect(namesFor(['x'.repeat(59)])[0]).toMatch(/^acme__x{41}_[0-9a-f]{16}$/)
  })

  test('do not depend on the other tools, their order or the turn', () => {
    const long = 'x'.repeat(80)
    expect(namesFor([long, 'a'])[0]).toBe(namesFor(['b', long])[1])
    const like = (namesFor([long])[0] as string).slice('acme__'.length)
    expect(namesFor([long, like])).toEqual(namesFor([like, long]).reverse())
  })

  test('two that are cut to the same beginning, and one that looks like what becomes of another, stay apart', () => {
    const shortened = (namesFor(['y'.repeat(80)])[0] as string).slice('acme__'.length)
    const names = [`${'y'.repeat(80)}`, `${'y'.repeat(80)}z`, shortened, 'a.b', 'a_b', 'a b', `acme__a_b`]
    expect(new Set(namesFor(names)).size).toBe(names.length)
  })

  test('one that the provider has already is not made', () => {
    const body = {
      tools: [
        { type: 'function', function: { name: 'x' } },
        { type: 'builtin_function', function: { name: 'acme__x' } },
      ],
    }
    expect([...(planNamespace('chat', body, place)?.restore.keys() ?? [])]).not.toContain('acme__x')
  })
})

describe('responses that the provider keeps', () => {
  test('in the background keep their names, because their answers are fetched later and pass as they are', () => {
    expect(planNamespace('responses', { ...toRequest('responses', ['lookup']), background: true }, place)).toBeNull()
    expect(
      planNamespace('responses', { ...toRequest('responses', ['lookup']), background: false }, place),
    ).not.toBeNull()
  })

  const prefixOf = (body: object): string | undefined =>
    planNamespace(
      'responses',
      { ...toRequest('responses', ['lookup']), ...body },
      { ...place, toolNamespace: 'session' },
    )?.prefix

  test('have one namespace with those that continue them by their id, which do not say how it began', () => {
    expect(prefixOf({ store: true, input: 'Hello' })).toBe(
      prefixOf({
        store: true,
        previous_response_id: 'r1',
        input: [{ type: 'function_call_output', call_id: 'c', output: '1' }],
      }),
    )
    expect(prefixOf({ store: true, input: 'Hello' })).toBe(
      prefixOf({ store: false, previous_response_id: 'r1', input: 'And?' }),
    )
    expect(prefixOf({ store: true, conversation: 'v1', input: 'Hello' })).toBe(
      prefixOf({ store: true, conversation: { id: 'v1' }, input: 'And?' }),
    )
    expect(prefixOf({ store: true, conversation: 'v1', input: 'Hello' })).not.toBe(
      prefixOf({ store: true, conversation: 'v2', input: 'Hello' }),
    )
  })
})

function toRequest(wire: Wire, names: string[], turns: string[] = ['Hello']): object {
  const conversation = turns.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
  if (wire === 'chat')
    return {
      model: 'm',
      messages: conversation,
      tools: names.map((name) => ({ type: 'function', function: { name } })),
    }
  if (wire === 'messages')
    return { model: 'm', messages: conversation, tools: names.map((name) => ({ name, input_schema: {} })) }
  return { model: 'm', store: false, input: conversation, tools: names.map((name) => ({ type: 'function', name })) }
}
