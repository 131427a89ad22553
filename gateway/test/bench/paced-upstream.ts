/**
 * An upstream whose streams go out at an uneven pace, each event with the moment it was written. Prints its port and
 * ends with its parent.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const events = 400
/** Pauses in milliseconds, over and over: bursts, a usual pace, a hesitation. */
const pausesMs = [0, 0, 3, 8, 8, 8, 20, 1, 12, 40]

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { stream_options?: { include_usage?: boolean } }
    if (request.url?.endsWith('/messages')) sayMessages(response)
    else sayChat(response, asked.stream_options?.include_usage === true)
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.stdin.on('close', () => process.exit(0)).resume()

function sayChat(response: ServerResponse, usage: boolean): void {
  const chunk = (choices: object[], last: object | null): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'm', system_fingerprint: 'fp', choices, ...(usage && { usage: last }), obfuscation: 'aZ3kd' })}\n\n`
  say(
    response,
    (moment) => chunk([{ index: 0, delta: { content: moment }, logprobs: null, finish_reason: null }], null),
    `${chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], null)}${usage ? chunk([], { prompt_tokens: 9, completion_tokens: events }) : ''}data: [DONE]\n\n`,
  )
}

function sayMessages(response: ServerResponse): void {
  const event = (data: { type: string } & Record<string, unknown>): string =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
  response.write(
    event({
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        usage: { input_tokens: 9, output_tokens: 1 },
      },
    }) + event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  )
  say(
    response,
    (moment) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: moment } }),
    event({ type: 'content_block_stop', index: 0 }) +
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: events } }) +
      event({ type: 'message_stop' }),
  )
}

/** The clock of all processes of a machine is one: nanoseconds, monotonic. */
function say(response: ServerResponse, write: (moment: string) => string, end: string): void {
  let said = 0
  const next = (): void => {
    if (said === events) return void response.end(end)
    response.write(write(`@${process.hrtime.bigint()}@`))
    const pause = pausesMs[said++ % pausesMs.length] as number
    if (pause === 0) setImmediate(next)
    else setTimeout(next, pause)
  }
  next()
}
