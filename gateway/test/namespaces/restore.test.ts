import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planNamespace } from '../../namespaces/plan.ts'
import { createNameRestorer } from '../../namespaces/restore.ts'
import type { AnswerTransform } from '../../bytes/answer-transform.ts'
import { oddBody, trafficOf, type Traffic } from './traffic.ts'
import { openStage } from '../stage.ts'

const wires = ['chat', 'responses', 'messages'] as const

function plan(
  wire: (typeof wires)[number],
  traffic: Traffic,
): { restorer: AnswerTransform; toUpstream: (name: string) => string } {
  const planned = planNamespace(
    wire,
    traffic.request((name) => name),
    { toolNamespace: 'acme', keyName: 'demo', endUser: null, sessionKey: null, model: 'm' },
  )
  if (planned === null) throw new Error('nothing was planned')
  const upstream = new Map([...planned.restore].map(([made, client]) => [client, made]))
  return { restorer: createNameRestorer(wire, planned), toUpstream: (name) => upstream.get(name) as string }
}

/** A stream as any server may write it. */
function toStream(events: (object | string)[], end: string, spaces: boolean): Buffer {
  const lines = events.flatMap((event) => [
    ': a comment',
    '',
    `event: ${typeof event === 'string' ? 'end' : ((event as { type?: string }).type ?? 'chunk')}`,
    `data:${spaces ? ' ' : ''}${typeof event === 'string' ? event : JSON.stringify(event)}`,
    '',
  ])
  return Buffer.from(lines.map((line) => line + end).join(''))
}

describe.each(wires)('a %s answer', (wire) => {
  test("has the client's names again, and every other byte as the upstream wrote it", () => {
    fc.assert(
      fc.property(trafficOf(wire), fc.constantFrom(undefined, 2), (traffic, indent) => {
        const { restorer, toUpstream } = plan(wire, traffic)
        const write = (value: object): Buffer => Buffer.from(JSON.stringify(value, null, indent))
        expect(restorer.json(write(traffic.answer(toUpstream))).toString()).toBe(
          write(traffic.answer((name) => name)).toString(),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('has them in a stream too, cut at any byte', () => {
    fc.assert(
      fc.property(
        trafficOf(wire),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 30 }),
        (traffic, end, spaces, cuts) => {
          const { restorer, toUpstream } = plan(wire, traffic)
          const bytes = toStream(traffic.events(toUpstream), end, spaces)
          const stream = openStage(restorer.stream())
          const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
          const said = places.slice(1).map((place, index) => stream.push(bytes.subarray(places[index], place)))
          expect(Buffer.concat([...said, stream.end()]).toString()).toBe(
            toStream(
              traffic.events((name) => name),
              end,
              spaces,
            ).toString(),
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  test('that is any other JSON, or none, passes byte for byte', () => {
    const restorer = createNameRestorer(wire, {
      prefix: 'acme',
      restore: new Map([['acme__lookup', 'lookup']]),
      kept: new Set(),
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.constantFrom(
            '{"name":"acme__lookup"',
            '["acme__lookup"]',
            '"acme__lookup"',
            '{"error":{"message":"acme__lookup is not known"}}',
          ),
        ),
        (text) => {
          const body = Buffer.from(text)
          expect(restorer.json(body).equals(body)).toBe(true)
          const events = Buffer.from(`data: ${text}\n\n`)
          const stream = openStage(restorer.stream())
          expect(Buffer.concat([stream.push(events), stream.end()]).equals(events)).toBe(true)
        },
      ),
    )
  })
})

describe.each(wires)('what a %s upstream may say', (wire) => {
  test('of any shape is taken: what comes out is JSON still, and the stream says the same as the whole', () => {
    const restorer = createNameRestorer(wire, { prefix: 'acme', restore: new Map([['acme__x', 'x']]), kept: new Set() })
    fc.assert(
      fc.property(oddBody, (body) => {
        const json = restorer.json(Buffer.from(JSON.stringify(body))).toString()
        expect(() => JSON.parse(json)).not.toThrow()
        const stream = openStage(restorer.stream())
        expect(stream.push(Buffer.from(`data: ${JSON.stringify(body)}\n\n`)).toString()).toBe(`data: ${json}\n\n`)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a name in a stream', () => {
  const restorer = createNameRestorer('chat', {
    prefix: 'acme',
    restore: new Map([['acme__lookup', 'lookup']]),
    kept: new Set(['acme__search']),
  })
  const through = (text: string): string => {
    const stream = openStage(restorer.stream())
    return (
      Buffer.concat([...Buffer.from(text)].map((byte) => stream.push(Buffer.of(byte)))).toString() +
      stream.end().toString()
    )
  }
  const event = (name: string): string =>
    `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":${name},"arguments":"{\\"q\\":\\"acme__lookup\\"}"}}]}}]}`

  test('is found however it is written, also in an event of several lines or without its end', () => {
    expect(through(`${event('"acme__lookup"')}\n\n`)).toBe(`${event('"lookup"')}\n\n`)
    const escaped = event('"\\u0061cme_\\u005flook\\u0075p"').replace('acme__lookup', 'x')
    expect(through(`${escaped}\n\n`)).toBe(`${event('"lookup"').replace('acme__lookup', 'x')}\n\n`)
    expect(through(`\u{feff}${event('\ndata: "acme__lookup"\ndata:')}\n\n`)).toBe(
      `\u{feff}${event('\ndata: "lookup"\ndata:')}\n\n`,
    )
    expect(through(event('"acme__lookup"'))).toBe(event('"lookup"'))
  })

  test('that no tool of the request has loses what the namespace puts in front: so the client would see it without one', () => {
    expect(through(`${event('"acme__made_up"')}\n\n`)).toBe(`${event('"made_up"')}\n\n`)
  })

  test('that is not of the namespace stays', () => {
    for (const name of ['"lookup"', '"acme__search"', '"acme_other"', '"acme__"', 'null', '""', '7'])
      expect(through(`${event(name)}\n\n`)).toBe(`${event(name)}\n\n`)
  })

  test('is out with the byte that completes its event, and nothing is held for the next', () => {
    const stream = openStage(restorer.stream())
    const whole = Buffer.from(`${event('"acme__lookup"')}\n\n`)
    expect(stream.push(whole.subarray(0, -1))).toHaveLength(0)
    expect(stream.push(whole.subarray(-1)).toString()).toBe(`${event('"lookup"')}\n\n`)
    expect(stream.end()).toHaveLength(0)
  })
})
