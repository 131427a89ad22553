/** The stand-in's Chat Completions, in the shapes that OpenAI sends. */
import { fault, textsOf, type Speaker } from './speaker.ts'
import { breakage, textOf, usage, type Asked, type Said } from './said.ts'

const head = {
  id: 'chatcmpl-BrX1',
  created: 1_752_000_000,
  model: 'gpt-4.1-2025-04-14',
  service_tier: 'default',
  system_fingerprint: 'fp_07871e2ad8',
}
const stops = { stop: 'stop', tools: 'tool_calls', length: 'length', refusal: 'stop' } as const
const counts = {
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
  prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: usage.reasoning,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

interface ChatMessage {
  role?: string
  content?: unknown
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[]
  tool_call_id?: string
}

export const chat: Speaker = {
  path: '/v1/chat/completions',

  read(body) {
    const {
      messages,
      tools = [],
      tool_choice: choice,
      response_format: format,
    } = body as {
      messages?: ChatMessage[]
      tools?: { function: { name: string } }[]
      tool_choice?: { function?: { name: string } }
      response_format?: { type: string }
    }
    if (!Array.isArray(messages) || messages.length === 0) return fault('messages', 'must not be empty')
    const results: Asked['results'] = []
    let open = new Map<string, string>()
    for (const [index, message] of messages.entries()) {
      if (message.role === 'tool') {
        const name = open.get(message.tool_call_id ?? '')
        if (name === undefined) return fault(`messages[${index}].tool_call_id`, 'answers no call that came before it')
        results.push({ call: name, output: textsOf(message.content) })
        open.delete(message.tool_call_id ?? '')
        continue
      }
      if (open.size > 0) return fault(`messages[${index}]`, `the calls ${[...open.keys()].join(', ')} have no result`)
      open = new Map((message.tool_calls ?? []).map((call) => [call.id, call.function.name]))
      for (const call of message.tool_calls ?? []) JSON.parse(call.function.arguments)
      if (message.role === 'user') results.length = 0
    }
    return {
      prompt: textsOf(messages.findLast(({ role }) => role === 'user')?.content),
      system: messages.find(({ role }) => role === 'system' || role === 'developer')
        ? textsOf(messages.find(({ role }) => role === 'system' || role === 'developer')?.content)
        : null,
      tools: tools.map((tool) => tool.function.name),
      forced: choice?.function?.name ?? null,
      structured: format?.type === 'json_schema' || format?.type === 'json_object',
      results,
    }
  },

  whole(said) {
    const text = textOf(said)
    const message = {
      role: 'assistant',
      content: text === '' || said.stop === 'refusal' ? null : text,
      refusal: said.stop === 'refusal' ? text : null,
      annotations: [],
      ...(said.calls.length > 0 && { tool_calls: toCalls(said) }),
    }
    return {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: stops[said.stop] }],
      usage: counts,
      x_unknown: { kept: 1.5 },
    }
  },

  events(said, body) {
    const asked = (body as { stream_options?: { include_usage?: boolean } }).stream_options?.include_usage === true
    const chunk = (delta: object, finish: string | null = null): string =>
      data({
        ...head,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
        ...(asked && { usage: null }),
        obfuscation: 'aZ3',
      })
    const calls = toCalls(said).flatMap((call, index) => [
      chunk({ tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] }),
      ...halves(call.function.arguments).map((piece) =>
        chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ])
    return [
      chunk({ role: 'assistant', content: '', refusal: null }),
      ...said.pieces.map((piece) => chunk(said.stop === 'refusal' ? { refusal: piece } : { content: piece })),
      ...calls,
      chunk({}, stops[said.stop]),
      ...(asked ? [data({ ...head, object: 'chat.completion.chunk', choices: [], usage: counts })] : []),
      'data: [DONE]\n\n',
    ]
  },

  error: ({ message, openai: { type, code, param } }) => ({ error: { message, type, param, code } }),
  breakage: () => data({ error: { message: breakage, type: 'server_error', param: null, code: null } }),
}

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

function toCalls({ calls }: Said): { id: string; type: 'function'; function: { name: string; arguments: string } }[] {
  return calls.map(({ name, arguments: input }, index) => ({
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }))
}

/** Two pieces that need each other: a stream cuts arguments anywhere. */
export function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '')
}
