/**
 * A provider that speaks both dialects' recorded wire format and keeps a ledger of every call. What it answers depends
 * on the prompt: "fail" in it is cut by length, unless the request asks for brevity; everything else works.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Upstream {
  /** For a provider of the openai dialect; the anthropic one takes it without `/v1`. */
  url: string
  ledger: { path: string; body: any; at: number }[]
  close(): Promise<void>
}

export async function openUpstream(delayMs = 0): Promise<Upstream> {
  const ledger: Upstream['ledger'] = []
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      ledger.push({ path: request.url ?? '', body, at: Date.now() })
      setTimeout(() => answer(request.url ?? '', body, response), delayMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
}

function answer(path: string, body: any, response: ServerResponse): void {
  const prompt = JSON.stringify(body)
  const cut = prompt.includes('fail') && !prompt.includes('Be brief')
  const text = cut ? 'This answer is cut in the mid' : 'It works.'
  if (path.endsWith('/chat/completions')) openai(body, text, cut, response)
  else anthropic(body, text, cut, response)
}

function openai(body: any, text: string, cut: boolean, response: ServerResponse): void {
  const head = { id: 'chatcmpl-1', created: 1, model: body.model, system_fingerprint: 'fp_1' }
  const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 }
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: body.tools?.[0]?.function?.name, arguments: '{"city":"Ulm"}' },
  }
  const message = body.tools
    ? { role: 'assistant', content: null, tool_calls: [call] }
    : { role: 'assistant', content: text }
  const reason = body.tools ? 'tool_calls' : cut ? 'length' : 'stop'
  if (!body.stream) {
    return sendJson(response, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: reason, logprobs: null }],
      usage,
    })
  }
  const chunk = (delta: unknown, finish: string | null, rest = {}) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...rest,
  })
  const pieces = body.tools
    ? [
        chunk(
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ index: 0, ...call, function: { ...call.function, arguments: '' } }],
          },
          null,
        ),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }, null),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Ulm"}' } }] }, null),
      ]
    : [
        chunk({ role: 'assistant', content: '' }, null),
        ...text.split(/(?<= )/).map((piece) => chunk({ content: piece }, null)),
      ]
  sendEvents(
    response,
    [...pieces, chunk({}, reason, body.stream_options?.include_usage ? { usage } : {})]
      .map((data) => `data: ${JSON.stringify(data)}\n\n`)
      .concat('data: [DONE]\n\n'),
  )
}

function anthropic(body: any, text: string, cut: boolean, response: ServerResponse): void {
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: body.model }
  const tool = { type: 'tool_use', id: 'toolu_1', name: body.tools?.[0]?.name, input: { city: 'Ulm' } }
  const reason = body.tools ? 'tool_use' : cut ? 'max_tokens' : 'end_turn'
  if (!body.stream) {
    return sendJson(response, {
      ...head,
      content: [body.tools ? tool : { type: 'text', text }],
      stop_reason: reason,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 4 },
    })
  }
  const block = body.tools ? { ...tool, input: {} } : { type: 'text', text: '' }
  const deltas = body.tools
    ? ['{"city":', '"Ulm"}'].map((partial_json) => ({ type: 'input_json_delta', partial_json }))
    : text.split(/(?<= )/).map((piece) => ({ type: 'text_delta', text: piece }))
  const events: [string, object][] = [
    [
      'message_start',
      {
        message: {
          ...head,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 10, output_tokens: 1 },
        },
      },
    ],
    ['content_block_start', { index: 0, content_block: block }],
    ...deltas.map((delta): [string, object] => ['content_block_delta', { index: 0, delta }]),
    ['content_block_stop', { index: 0 }],
    ['message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 4 } }],
    ['message_stop', {}],
  ]
  sendEvents(
    response,
    events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`),
  )
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendEvents(response: ServerResponse, events: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(event)
  response.end()
}

async function readJson(request: IncomingMessage): Promise<any> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : null
}
