import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messages as anthropic } from '../dialects/anthropic.ts'
import type { WireFacts } from '../dialects/wire-facts.ts'
import { chat as openai } from '../dialects/openai.ts'
import { SseScanner, type Terminal } from '../bytes/sse-scanner.ts'
import { anthropicStream, openaiStream } from './wire.ts'

/** Offsets behind the chunks in which the watcher saw the terminal event. */
function watch(facts: WireFacts, bytes: Buffer, cuts: number[]): number[] {
  const watcher = new SseScanner(facts.terminal as Terminal)
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  )
  let from = 0
  return ends.filter((end) => {
    watcher.scan(bytes.toString('latin1', from, end), () => {})
    from = end
    return watcher.sawTerminal
  })
}

describe.each([
  ['openai', openai, openaiStream.join(''), 'data: [DONE]'],
  ['anthropic', anthropic, anthropicStream.join(''), 'event: message_stop'],
] as const)('the terminal event of a stream, %s', (_dialect, facts, text, marker) => {
  const bytes = Buffer.from(text)
  const completeAt = bytes.lastIndexOf(`\n${marker}`) + 1 + marker.length

  test('is found at every single split, in the chunk that completes it, and nowhere else', () => {
    for (let cut = 1; cut < bytes.length; cut++)
      expect(watch(facts, bytes, [cut]), `cut at ${cut}`).toEqual([cut >= completeAt ? cut : bytes.length])
    expect(watch(facts, bytes, Array.from(bytes.keys()))).toEqual([completeAt])
  })

  test('is found in any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        const ends = watch(facts, bytes, cuts)
        expect(ends).toHaveLength(1)
        const before = Math.max(0, ...cuts.filter((cut) => cut < (ends[0] as number)))
        expect(before < completeAt && (ends[0] as number) >= completeAt).toBe(true)
      }),
    )
  })

  test.each([
    ['lines that end in CR', text.replaceAll('\n', '\r')],
    ['lines that end in CRLF', text.replaceAll('\n', '\r\n')],
    ['no space behind the colon', text.replaceAll(': ', ':')],
    ['nothing before it', `${marker}\n\n`],
  ])('is found with %s', (_how, variant) => {
    const variantBytes = Buffer.from(variant)
    expect(watch(facts, variantBytes, Array.from(variantBytes.keys()))).toHaveLength(1)
  })

  test('is not seen in what the model says, or in a comment', () => {
    const quoted = Buffer.from(
      `: ${marker}\ndata: ${JSON.stringify({ content: `\n${marker}\n` })}\n\nid: ${marker}\n\n`,
    )
    expect(watch(facts, quoted, Array.from(quoted.keys()))).toEqual([])
  })
})
