/** Answers as the two providers write them on the wire, unknown members and odd spacing included. */
import type { IncomingMessage, ServerResponse } from 'node:http'

const openaiHead = {
  id: 'chatcmpl-BrX1',
  object: 'chat.completion.chunk',
  created: 1_752_000_000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  system_fingerprint: 'fp_07871e2ad8',
}
const openaiUsage = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

const openaiText = `{
  "id": "chatcmpl-BrX1",
  "object": "chat.completion",
  "created": 1752000000,
  "model": "gpt-4o-2024-08-06",
  "choices": [
    { "index": 0, "message": { "role": "assistant", "content": "Hé! \\u2603 How can I help?", "refusal": null, "annotations": [] }, "logprobs": null, "finish_reason": "stop" }
  ],
  "usage": ${JSON.stringify(openaiUsage)},
  "service_tier": "default",
  "system_fingerprint": "fp_07871e2ad8",
  "x_unknown": { "kept": [1.50, 1e3] }
}
`

const toolCall = (id: string, name: string, json: string) => ({
  id,
  type: 'function',
  function: { name, arguments: json },
})

const openaiTools = JSON.stringify({
  ...openaiHead,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [toolCall('call_1', 'weather', '{"city":"Zürich"}'), toolCall('call_2', 'clock', '{}')],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ],
  usage: openaiUsage,
})

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...openaiHead, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], obfuscation: 'aZ3' })}\n\n`

export const openaiStream: string[] = [
  chunk({ role: 'assistant', content: '', refusal: null }),
  ...['Hé', '! ', '☃', ' data: [DONE] is only text here'].map((content) => chunk({ content })),
  chunk({}, 'stop'),
  'data: [DONE]\n\n',
]

/** The same where the caller has asked for the usage. */
export const openaiUsageStream: string[] = [
  ...openaiStream.slice(0, -1).map((event) => event.replace(/(,"obfuscation")/, ',"usage":null$1')),
  `data: ${JSON.stringify({ ...openaiHead, choices: [], usage: openaiUsage })}\n\n`,
  'data: [DONE]\n\n',
]

const openaiToolStream: string[] = [
  chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...toolCall('call_1', 'weather', '') }] }),
  ...['{"ci', 'ty":"Z', 'ürich"}'].map((part) => chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
  chunk({ tool_calls: [{ index: 1, ...toolCall('call_2', 'clock', '') }] }),
  chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
  chunk({}, 'tool_calls'),
  'data: [DONE]\n\n',
]

const anthropicUsage = {
  input_tokens: 14,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 27,
  service_tier: 'standard',
}
const anthropicMessage = { id: 'msg_01Hx', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' }

const anthropicText = JSON.stringify({
  ...anthropicMessage,
  content: [{ type: 'text', text: 'Hé! ☃' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: anthropicUsage,
  x_unknown: true,
})
const anthropicTools = JSON.stringify({
  ...anthropicMessage,
  content: [
    { type: 'text', text: 'Let me look.' },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Zürich', days: [1, 2] } },
    { type: 'tool_use', id: 'toolu_2', name: 'clock', input: {} },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: anthropicUsage,
})

const event = (data: { type: string } & Record<string, unknown>): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const start = event({
  type: 'message_start',
  message: {
    ...anthropicMessage,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...anthropicUsage, output_tokens: 1 },
  },
})
const block = (index: number, content_block: object, deltas: object[]): string[] => [
  event({ type: 'content_block_start', index, content_block }),
  ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
  event({ type: 'content_block_stop', index }),
]
const stop = (stop_reason: string): string[] => [
  event({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 27 } }),
  event({ type: 'message_stop' }),
]

export const anthropicStream: string[] = [
  start,
  event({ type: 'ping' }),
  ...block(
    0,
    { type: 'text', text: '' },
    ['Hé', '! ☃', ' event: message_stop is only text here'].map((text) => ({ type: 'text_delta', text })),
  ),
  ...stop('end_turn'),
]

const anthropicToolStream: string[] = [
  start,
  ...block(0, { type: 'text', text: '' }, [{ type: 'text_delta', text: 'Let me look.' }]),
  ...block(
    1,
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
    ['', '{"city": "Zü', 'rich"}'].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  ),
  ...block(2, { type: 'tool_use', id: 'toolu_2', name: 'clock', input: {} }, [
    { type: 'input_json_delta', partial_json: '' },
  ]),
  ...stop('tool_use'),
]

/** Answers a request of either dialect as its provider would. Streams go out event by event. */
export function answerLikeProvider(
  request: IncomingMessage,
  response: ServerResponse,
  body: { stream?: boolean; stream_options?: { include_usage?: boolean }; tools?: unknown[] },
): void {
  const anthropic = request.url?.includes('/messages') === true
  const tools = (body.tools?.length ?? 0) > 0
  const identity = anthropic
    ? { 'request-id': 'req_011C' }
    : { 'x-request-id': 'req_9f3', 'openai-processing-ms': '214' }
  if (!body.stream) {
    const text = anthropic ? (tools ? anthropicTools : anthropicText) : tools ? openaiTools : openaiText
    response.writeHead(200, { 'content-type': 'application/json', ...identity }).end(text)
    return
  }
  const events = anthropic
    ? tools
      ? anthropicToolStream
      : anthropicStream
    : tools
      ? openaiToolStream
      : body.stream_options?.include_usage === true
        ? openaiUsageStream
        : openaiStream
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...identity })
  const next = (index: number): void => {
    const text = events[index]
    if (text === undefined) return void response.end()
    response.write(text, () => next(index + 1))
  }
  next(0)
}
