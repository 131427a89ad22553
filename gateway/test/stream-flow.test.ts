/**
 * A stream that is changed on its way still flows: its first event at once, and no more of it in memory than its
 * reader's pace allows.
 */
import { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ProviderConfig } from '../../db/words/provider.ts'
import {
  atEnd,
  callerKey,
  closeAll,
  converse,
  readChunks,
  startGateway,
  startUpstream,
  toRequest,
  unexpected,
  until,
} from './harness.ts'
import { anthropicStream, openaiStream } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const hello = [{ role: 'user', content: 'Hello' }]
const tools = [{ type: 'function', function: { name: 'lookup' } }]
const path = '/v1/chat/completions'
const wires: Record<'chat' | 'messages', (origin: string) => Partial<ProviderConfig>> = {
  chat: (origin) => ({ baseUrl: `${origin}/v1` }),
  messages: (origin) => ({ dialect: 'anthropic', kind: 'anthropic-compatible', baseUrl: origin }),
}
const ways = [
  { way: 'untouched', wire: 'chat', namespace: 'off', body: { stream_options: { include_usage: true } } },
  { way: 'with its usage cut out', wire: 'chat', namespace: 'off', body: {} },
  { way: 'with its names put back', wire: 'chat', namespace: 'acme', body: { tools } },
  { way: 'translated', wire: 'messages', namespace: 'acme', body: { tools } },
] as const
type Way = (typeof ways)[number]

const toBody = ({ body }: Way): string => JSON.stringify({ model: 'm', messages: hello, stream: true, ...body })
const openGateway = (way: Way, origin: string) =>
  startGateway({
    keys: [{ name: 'demo', key: callerKey, team: 'default', toolNamespace: way.namespace }],
    providers: [wires[way.wire](origin)],
  })

describe.each(ways)('a stream $way', (way) => {
  const events = way.wire === 'chat' ? openaiStream : anthropicStream
  const [said, beginning] =
    way.wire === 'chat' ? (['"role":"assistant"', 1] as const) : (['"content":"Hé"', 4] as const)

  test('has its first event out before its second is there', async () => {
    let finish = (): void => {}
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events.slice(0, beginning).join(''))
      finish = () => void response.end(events.slice(beginning).join(''))
    })
    const gateway = await openGateway(way, upstream.origin)
    const conversation = converse(gateway.port, toRequest(path, toBody(way)))
    await until('the first event', () => readChunks(conversation).toString().includes(said))
    finish()
    await until('the end', () => conversation.text().endsWith('\r\n0\r\n\r\n'))
  })

  test('is held back by a reader who stops, with at most 1 MiB of it in memory, and arrives whole once it goes on', async () => {
    const words = 'x'.repeat(30_000)
    const event =
      way.wire === 'chat'
        ? `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: words } }], usage: null })}\n\n`
        : `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } })}\n\n`
    const opening =
      way.wire === 'chat'
        ? ''
        : `event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n`
    const closing =
      way.wire === 'chat'
        ? 'data: [DONE]\n\n'
        : 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n'
    const total = 700
    let written = 0
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const write = (): void => {
        if (written === total) return void response.end(closing)
        written++
        response.write(event, write)
      }
      response.write(opening, write)
    })
    const gateway = await openGateway(way, upstream.origin)
    const held = watchHeld(gateway.port)
    const socket = connect(gateway.port, '127.0.0.1')
    atEnd(() => void socket.destroy())
    socket.write(toRequest(path, toBody(way)))
    socket.pause()
    let before = -1
    let still = 0
    await until('the provider was held back', () => {
      still = written === before ? still + 1 : 0
      before = written
      return written > 0 && still > 100
    })
    expect(written).toBeLessThan(total)
    expect(held.most()).toBeGreaterThan(0)
    expect(held.most()).toBeLessThan(1024 * 1024)
    let received = 0
    let tail = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      tail = (tail + chunk.toString('latin1')).slice(-7)
    })
    socket.resume()
    await until('the whole answer', () => tail.endsWith('\r\n0\r\n\r\n'))
    expect(received).toBeGreaterThan(total * words.length)
    expect(held.most()).toBeLessThan(1024 * 1024)
  })
})

/** The most that an answer of this port has been written and not been taken by its connection. */
function watchHeld(port: number): { most(): number } {
  let most = 0
  const { write } = ServerResponse.prototype
  const spy = vi.spyOn(ServerResponse.prototype, 'write').mockImplementation(function (
    this: ServerResponse,
    ...args: unknown[]
  ): boolean {
    const taken = (write as (...args: unknown[]) => boolean).apply(this, args)
    if (this.socket?.localPort === port) most = Math.max(most, this.writableLength)
    return taken
  })
  atEnd(() => spy.mockRestore())
  return { most: () => most }
}
