import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { SseScanner } from '../bytes/sse-scanner.ts'
import { SseReader } from './sse-reader.ts'
import { createKeepAlive, keepAliveComment, type Timers } from '../pipeline/relay/keep-alive.ts'
import { minimalAnswer } from './eval/wire/rows.ts'
import { chat, closeAll, converse, readChunks, startGateway, startUpstream, toRequest, until } from './harness.ts'
import { openaiUsageStream } from './wire.ts'

afterEach(closeAll)

/** A clock that is moved by hand. */
function createClock(): { timers: Timers; advance(ms: number): void; waiting(): number } {
  let now = 0
  const pending = new Map<number, { at: number; callback: () => void }>()
  let count = 0
  return {
    timers: {
      now: () => now,
      set: (callback, ms) => {
        pending.set(++count, { at: now + ms, callback })
        return count
      },
      clear: (timer) => void pending.delete(timer as number),
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const [next] = [...pending].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        pending.delete(next[0])
        now = next[1].at
        next[1].callback()
      }
      now = until
    },
    waiting: () => pending.size,
  }
}

function open(waitMs = 15_000) {
  const clock = createClock()
  const sent: Buffer[] = []
  const keepAlive = createKeepAlive((comment) => sent.push(comment), waitMs, clock.timers)
  const scanner = new SseScanner()
  const pass = (text: string | Buffer): void => {
    const bytes = Buffer.from(text)
    scanner.scan(bytes.toString('latin1'), () => {})
    sent.push(keepAlive.pass(bytes, scanner.betweenEvents))
  }
  return {
    clock,
    keepAlive,
    pass,
    text: () => Buffer.concat(sent).toString('utf8'),
    comments: () => sent.filter((bytes) => bytes === keepAliveComment).length,
  }
}

describe('a silent stream', () => {
  test('is kept alive by a comment after every 15 seconds of silence, from its very beginning', () => {
    const { clock, text, comments } = open()
    clock.advance(14_999)
    expect(comments()).toBe(0)
    clock.advance(1)
    expect(text()).toBe(': keep-alive\n\n')
    clock.advance(45_000)
    expect(comments()).toBe(4)
  })

  test('is not silent while anything goes out', () => {
    const { clock, pass, comments } = open()
    for (let count = 0; count < 20; count++) {
      clock.advance(10_000)
      pass('data: x\n\n')
    }
    expect(comments()).toBe(0)
    clock.advance(14_999)
    expect(comments()).toBe(0)
    clock.advance(1)
    expect(comments()).toBe(1)
  })

  test('gets no comment in the middle of an event, and one once that has ended', () => {
    for (const [unfinished, rest] of [
      ['data: x', '\n\n'],
      ['data: x\n', '\n'],
      ['data: x\r\n', '\r\n'],
      ['data: x\r\n\r', '\n'],
      ['event: e\ndata:', '\n\r'],
      ['data: x\r', '\r'],
    ] as const) {
      const { clock, pass, comments } = open()
      pass(unfinished)
      clock.advance(60_000)
      // A blank line that ends in CR is complete without an LF behind it.
      expect(comments()).toBe(unfinished.endsWith('\n\r') ? 4 : 0)
      pass(rest)
      clock.advance(15_000)
      expect(comments()).toBe(unfinished.endsWith('\n\r') ? 5 : 1)
    }
  })

  test('is over when it is stopped', () => {
    const { clock, keepAlive, comments } = open()
    keepAlive.stop()
    clock.advance(60_000)
    expect(comments()).toBe(0)
    expect(clock.waiting()).toBe(0)
  })

  test('reads the same with comments, wherever its chunks and its silences are', () => {
    const line = fc.constantFrom('data: x', 'data: {"a":1}', 'event: e', 'id: 1', ': c', '', '', '\u{feff}data: b')
    const stream = fc
      .tuple(fc.boolean(), fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { minLength: 1 }))
      .map(([marked, lines]) =>
        Buffer.from((marked ? '\u{feff}' : '') + lines.map(([said, end]) => said + end).join('')),
      )
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 10 }),
        fc.boolean(),
        (bytes, cuts, silentFirst) => {
          const { clock, pass, text } = open()
          const places = cuts
            .map(([place, silent]) => ({ place: 3 + (place % Math.max(1, bytes.length - 2)), silent }))
            .sort((a, b) => a.place - b.place)
          if (silentFirst) clock.advance(20_000)
          let at = 0
          for (const { place, silent } of [...places, { place: bytes.length, silent: true }]) {
            pass(bytes.subarray(at, place))
            at = place
            if (silent) clock.advance(20_000)
          }
          expect(new SseReader().push(Buffer.from(text()))).toEqual(new SseReader().push(bytes))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('official clients read the same answer with comments in it', () => {
  /** Comments in front of the first event and behind every one. */
  const answerWith = (wire: 'chat' | 'responses' | 'messages', kept: boolean): Buffer[] =>
    minimalAnswer(wire, true)
      .split(/(?<=\n\n)/)
      .flatMap((event, index) =>
        kept
          ? [...(index === 0 ? [keepAliveComment] : []), Buffer.from(event), keepAliveComment]
          : [Buffer.from(event)],
      )

  async function both(
    wire: 'chat' | 'responses' | 'messages',
    ask: (origin: string) => Promise<unknown[]>,
  ): Promise<void> {
    const answers: unknown[][] = []
    for (const kept of [false, true]) {
      const { origin } = await startUpstream((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const bytes of answerWith(wire, kept)) response.write(bytes)
        response.end()
      })
      answers.push(await ask(origin))
    }
    expect(answers[1]?.length).toBeGreaterThan(1)
    expect(answers[1]).toEqual(answers[0])
  }

  test('openai, chat completions', () =>
    both('chat', async (origin) =>
      Array.fromAsync(
        await new OpenAI({ baseURL: origin, apiKey: 'k' }).chat.completions.create({
          model: 'm',
          messages: [],
          stream: true,
        }),
      ),
    ))

  test('openai, responses', () =>
    both('responses', async (origin) =>
      Array.fromAsync(
        await new OpenAI({ baseURL: origin, apiKey: 'k' }).responses.create({ model: 'm', input: 'Hi', stream: true }),
      ),
    ))

  test('@anthropic-ai/sdk, messages', () =>
    both('messages', async (origin) =>
      Array.fromAsync(
        await new Anthropic({ baseURL: origin, apiKey: 'k' }).messages.create({
          model: 'm',
          max_tokens: 1,
          messages: [],
          stream: true,
        }),
      ),
    ))
})

describe('through the gateway', () => {
  const comment = keepAliveComment.toString()
  const asking = chat({ stream: true, stream_options: { include_usage: true } })

  async function open() {
    let write: (text: string) => void = () => {}
    let finish = (): void => {}
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      write = (text) => void response.write(text)
      finish = () => void response.end()
    })
    const gateway = await startGateway({
      keepAliveMs: 20,
      providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }],
    })
    return { gateway, say: (text: string) => write(text), end: () => finish() }
  }

  test.each([
    ['its bytes pass untouched', asking],
    ['its bytes are changed on the way', chat({ stream: true })],
  ])(
    'a silent stream is kept alive from its head to its end, and the record has the answer alone; %s',
    async (_which, body) => {
      const { gateway, say, end } = await open()
      const conversation = converse(gateway.port, toRequest('/v1/chat/completions', body))
      const comments = (): number => readChunks(conversation).toString().split(comment).length - 1
      await until('a comment before the first event', () => comments() >= 1)
      const [first, ...rest] = openaiUsageStream as [string, ...string[]]
      say(first)
      const before = comments()
      await until(
        'comments behind the event',
        () => readChunks(conversation).toString().includes('"role"') && comments() > before,
      )
      say(rest.join(''))
      end()
      await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
      const { response } = gateway.journal.outcomes().at(-1)!
      const received = readChunks(conversation).toString()
      expect(received.replaceAll(comment, '')).toBe(response.toString())
      expect(new SseReader().push(Buffer.from(received))).toEqual(new SseReader().push(response))
    },
  )

  test.each([
    ['whose bytes are counted', { 'content-length': '18' }, '/v1/chat/completions'],
    ['that is packed', { 'content-encoding': 'gzip' }, '/v1/chat/completions'],
    ['that is no stream of events', { 'content-type': 'application/json' }, '/v1/chat/completions'],
    ['of which Sinew does not know what it means', {}, '/v1/images/generations'],
  ])('an answer %s gets no comment', async (_which, headers, path) => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        ...(request.headers['x-which'] === undefined ? {} : headers),
      })
      response.write('data: 1\n\n')
    })
    const gateway = await startGateway({
      keepAliveMs: 20,
      providers: [{ name: 'up', baseUrl: `${upstream.origin}/v1` }],
    })
    const without = converse(gateway.port, toRequest(path, asking, { 'x-which': 'other' }))
    await until('its beginning', () => without.text().includes('data: 1'))
    // One that is kept alive shows that it has been silent long enough.
    const kept = converse(gateway.port, toRequest('/v1/chat/completions', asking))
    await until('comments', () => readChunks(kept).toString().split(comment).length > 3)
    expect(without.text()).not.toContain('keep-alive\n')
  })
})
