import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { compileReplacement, replaceAll, type Replacement } from '../../../workflows/domain/rules/regular-expression.ts'
import { SseReader } from '../sse-reader.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { createTextStream } from '../../pipeline/relay/answer-text-stream.ts'
import { openStage } from '../stage.ts'
import { streamProblem } from '../dialects/valid-stream.ts'

type Event = Record<string, any>

const compile = (pattern: string, replacement: string): Replacement =>
  (compileReplacement(pattern, replacement) as { replacement: Replacement }).replacement
const replacements = [
  { ruleId: 'a', replacement: compile('ACME-[0-9]{1,4}', '[$0]') },
  { ruleId: 'b', replacement: compile('(?i)\\bsecret\\b', '***') },
  { ruleId: 'c', replacement: compile(' ?\\[ACME', '😀<') },
]
const expected = (text: string): string =>
  replacements.reduce((piece, { replacement }) => (replaceAll(replacement, piece) as { text: string }).text, text)

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 5, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** The same answer as a stream of each wire. */
function write(wire: Wire, deltas: string[]): string {
  const chat = [
    chunk({ role: 'assistant', content: '' }),
    ...deltas.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ].join('')
  if (wire === 'chat') return chat
  const translator = new StreamTranslator({ from: 'chat', to: wire }, { includeUsage: false })
  return translator.push(Buffer.from(chat)) + translator.end()
}

function through(
  wire: Wire,
  stream: string,
  sizes: number[],
  rules = replacements,
): { text: string; changed: Set<string> } {
  const changed = new Set<string>()
  const transform = openStage(createTextStream(wire, rules, changed))
  const bytes = Buffer.from(stream)
  const out: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] as number)
    out.push(transform.push(bytes.subarray(at, at + size)))
    at += size
  }
  out.push(transform.end())
  return { text: Buffer.concat(out).toString(), changed }
}

const read = (stream: string): Event[] =>
  new SseReader()
    .push(Buffer.from(stream))
    .flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data) as Event]))

/** The texts of a stream: what its deltas say, and wherever it says the whole again. */
function textsOf(wire: Wire, events: Event[]): string[] {
  if (wire === 'chat') return [events.map((event) => event.choices?.[0]?.delta?.content ?? '').join('')]
  if (wire === 'messages') return [events.map((event) => event.delta?.text ?? event.content_block?.text ?? '').join('')]
  return [
    events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join(''),
    ...events.flatMap((event) =>
      [
        event.type === 'response.output_text.done' ? event.text : null,
        event.type === 'response.content_part.done' ? event.part.text : null,
        event.type === 'response.output_item.done' ? event.item.content[0].text : null,
        event.type === 'response.completed' ? event.response.output[0].content[0].text : null,
      ].filter((text) => text !== null),
    ),
  ]
}

const deltas = fc.array(
  fc.constantFrom(
    'AC',
    'ME',
    '-',
    '1',
    '23',
    ' secret',
    'sec',
    'ret',
    ' ',
    '.',
    'A',
    '😀',
    '\n',
    'SECRETS',
    'é',
    '"',
    '[ACME',
  ),
  { minLength: 1, maxLength: 20 },
)
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 })

describe.each<Wire>(['chat', 'messages', 'responses'])('texts of a streamed answer: %s', (wire) => {
  test('what the caller reads is what the whole text would have become, wherever text and bytes are cut', () => {
    fc.assert(
      fc.property(deltas, sizes, (said, cuts) => {
        const { text, changed } = through(wire, write(wire, said), cuts)
        const events = read(text)
        const whole = said.join('')
        for (const found of textsOf(wire, events)) expect(found).toBe(expected(whole))
        expect(streamProblem(wire, text)).toBeUndefined()
        if (wire === 'responses')
          expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
        expect(changed.has('a')).toBe(/ACME-\d/.test(whole))
      }),
      { numRuns: 400 },
    )
  })

  test('where nothing is replaced in a longer text, only the cuts between its pieces move; without rules no byte does', () => {
    const stream = write(wire, ['Hello ', 'world, ', 'how are you'])
    expect(through(wire, stream, [7], []).text).toBe(stream)
    const { text, changed } = through(wire, stream, [7])
    expect(textsOf(wire, read(text))[0]).toBe('Hello world, how are you')
    expect(changed.size).toBe(0)
  })

  test('an event goes out as soon as its last byte is there, and texts no later than a match needs', () => {
    const transform = openStage(createTextStream(wire, replacements, new Set()))
    const events = write(wire, ['x'.repeat(3_000), 'y'.repeat(10)]).split(/(?<=\n\n)/)
    const at = events.findIndex((event) => event.includes('xxx'))
    for (const event of events.slice(0, at)) transform.push(Buffer.from(event))
    const out = transform.push(Buffer.from(events[at] as string)).toString()
    expect(textsOf(wire, read(out))[0]?.length).toBeGreaterThan(2_900)
  })
})

test('a chat stream that never says why it stopped still says everything', () => {
  const { text } = through('chat', `${chunk({ content: 'an ACME-1' })}data: [DONE]\n\n`, [9])
  expect(textsOf('chat', read(text))[0]).toBe(expected('an ACME-1'))
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})
