import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editJson } from '../bytes/json-edit.ts'
import { createUsageCutter, planUsage } from '../pipeline/relay/usage-chunk.ts'
import { createAsking } from '../providers/usage-asking.ts'
import { openStage } from './stage.ts'
import { readRow } from './eval/wire/rows.ts'

const here = dirname(fileURLToPath(import.meta.url))
const full = join(process.env.SINEW_EVAL_DATA ?? join(here, '../../../shared/data'), 'd_wire.jsonl')
const file = existsSync(full) ? full : join(here, 'eval/wire/sample.jsonl')
if (file !== full) console.warn(`The full set is missing: ${full}. The committed sample of it is tested instead.`)
const recorded = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map(readRow)
  .filter(({ dialect, stream }) => dialect === 'chat' && stream)

/** The caller's stream and what was taken out, for a stream that comes in these pieces. */
function cut(bytes: Buffer, places: readonly number[] = []): { text: string; usage: unknown } {
  const stage = createUsageCutter(createAsking(true)).stream()
  const stream = openStage(stage)
  const ends = [0, ...[...places].sort((a, b) => a - b), bytes.length]
  const said = ends.slice(1).map((end, index) => stream.push(bytes.subarray(ends[index], end)))
  const text = Buffer.concat([...said, stream.end()]).toString('utf8')
  return { text, usage: stage.usage }
}

describe('asking for the usage', () => {
  const ask = (body: string): string | null => {
    const edit = planUsage(JSON.parse(body) as Record<string, unknown>)
    return edit === null ? null : (editJson(Buffer.from(body), [edit])?.toString() ?? 'not to be done')
  }

  test('adds what is missing and leaves every other byte', () => {
    expect(ask('{ "model":"m", "stream": true }')).toBe(
      '{"stream_options":{"include_usage":true}, "model":"m", "stream": true }',
    )
    expect(ask('{"stream":true,"stream_options":null}')).toBe('{"stream":true,"stream_options":{"include_usage":true}}')
    expect(ask('{"stream":true,"stream_options":{ }}')).toBe('{"stream":true,"stream_options":{"include_usage":true }}')
    expect(ask('{"stream":true,"stream_options":{"include_obfuscation":false}}')).toBe(
      '{"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}',
    )
    expect(ask('{"stream":true,"stream_options":{"include_usage":false}}')).toBe(
      '{"stream":true,"stream_options":{"include_usage":true}}',
    )
  })

  test('adds nothing where the caller asks itself, does not stream, or says what the provider would refuse', () => {
    for (const body of [
      '{"stream":true,"stream_options":{"include_usage":true}}',
      '{}',
      '{"stream":false}',
      '{"stream":false,"stream_options":{}}',
      '{"stream":true,"stream_options":7}',
      '{"stream":true,"stream_options":{"include_usage":null}}',
      '{"stream":true,"stream_options":[]}',
    ]) {
      expect(ask(body)).toBeNull()
    }
  })
})

describe('a stream that was asked for its usage', () => {
  test('as recorded, loses exactly what asking added, and what it stated is kept', () => {
    const asking = recorded.filter(
      ({ response }) => response.includes('"usage":null') && response.includes('"choices":[],"usage":{'),
    )
    expect(asking.length).toBeGreaterThan(0)
    for (const { response } of asking) {
      const { text, usage } = cut(Buffer.from(response))
      const events = response.split('\n\n')
      const chunk = events.find((event) => event.includes('"choices":[],"usage":{')) as string
      expect(text).toBe(
        events
          .filter((event) => event !== chunk)
          .join('\n\n')
          .replaceAll(',"usage":null', ''),
      )
      expect(text).not.toContain('usage')
      const stated = (JSON.parse(chunk.slice('data: '.length)) as { usage: Record<string, any> }).usage
      expect(usage).toEqual({
        inputTokens: stated.prompt_tokens,
        outputTokens: stated.completion_tokens,
        cachedInputTokens: stated.prompt_tokens_details?.cached_tokens ?? null,
        reasoningTokens: stated.completion_tokens_details?.reasoning_tokens ?? null,
      })
    }
  })

  test('as recorded, loses the same wherever it is cut', () => {
    for (const { response } of recorded) {
      const bytes = Buffer.from(response)
      const whole = cut(bytes)
      const step = Math.max(1, Math.ceil(bytes.length / 60))
      for (let at = 1; at < bytes.length; at += step) expect(cut(bytes, [at])).toEqual(whole)
      expect(
        cut(
          bytes,
          Array.from({ length: bytes.length }, (_, place) => place),
        ),
      ).toEqual(whole)
    }
  })

  test('that says its usage in a chunk of the answer, unasked, passes byte for byte, and the usage is kept', () => {
    const stating = recorded.filter(
      ({ response }) =>
        response.includes('"usage":{') && !response.includes('"usage":null') && !/"choices": ?\[\]/.test(response),
    )
    expect(stating.length).toBeGreaterThan(0)
    for (const { response } of stating) {
      const { text, usage } = cut(Buffer.from(response))
      expect(text).toBe(response)
      expect(usage).not.toBeNull()
    }
  })

  test('is the one that a direct call gives, however its JSON and its lines are written', () => {
    const member = fc.tuple(
      fc.constantFrom('id', 'object', 'created', 'system_fingerprint', 'obfuscation', 'moderation'),
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('"usage":null', ',"usage":null', '{"usage":null}'),
        fc.integer(),
        fc.constant(null),
        fc.constant({ usage: null }),
      ),
    )
    const chunk = fc.record({
      members: fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 4 }),
      delta: fc.string({ unit: 'grapheme' }),
      place: fc.nat(6),
      empty: fc.boolean(),
    })
    const style = fc.constantFrom(
      { comma: ',', colon: ':', open: '{', close: '}' },
      { comma: ', ', colon: ': ', open: '{', close: '}' },
      { comma: ' ,', colon: ' : ', open: '{ ', close: ' }' },
    )
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 6 }),
        style,
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(), { maxLength: 12 }),
        (chunks, { comma, colon, open, close }, end, places) => {
          const write = (pairs: [string, unknown][]): string =>
            `data: ${open}${pairs.map(([name, value]) => `${JSON.stringify(name)}${colon}${JSON.stringify(value)}`).join(comma)}${close}${end}${end}`
          const pairsOf = ({ members, delta, empty }: (typeof chunks)[number]): [string, unknown][] => [
            ['choices', empty ? [] : [{ delta: { content: delta, usage: null } }]],
            ...members,
          ]
          const last = `data: [DONE]${end}${end}`
          const direct = chunks.map((one) => write(pairsOf(one))).join('') + last
          const asked =
            chunks.map((one) => write(pairsOf(one).toSpliced(one.place, 0, ['usage', null]))).join('') +
            write([
              ['choices', []],
              ['usage', { prompt_tokens: 3, completion_tokens: 4 }],
            ]) +
            last
          const bytes = Buffer.from(asked)
          expect(
            cut(
              bytes,
              places.map((place) => place % (bytes.length + 1)),
            ),
          ).toEqual({
            text: direct,
            usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: null, reasoningTokens: null },
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('that is no chunk at all passes as it is', () => {
    const text =
      ': "usage"\n\ndata: "usage"\n\ndata: {"usage":null\n\ndata: ["usage"]\n\ndata: {"choices":[],"usage":7}\n\nevent: error\ndata: {"error":{"message":"\\"usage\\""}}\n\n'
    expect(cut(Buffer.from(text))).toEqual({ text, usage: null })
    const body = Buffer.from('{"choices":[],"usage":{"prompt_tokens":1}}')
    expect(createUsageCutter(createAsking(true)).json(body)).toBe(body)
  })
})
