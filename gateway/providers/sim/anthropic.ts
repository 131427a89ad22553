/** The simulation in the Anthropic Messages dialect. */
import { textOf, type SimulatedAnswer, type SimulatedRequest } from './answers.ts'

interface Message {
  role?: unknown
  content?: unknown
}

export function readRequest(body: Record<string, unknown>, model: SimulatedRequest['model']): SimulatedRequest {
  const messages = (Array.isArray(body.messages) ? body.messages : []) as Message[]
  const tools = (Array.isArray(body.tools) ? body.tools : []) as { name?: unknown; input_schema?: unknown }[]
  const offered = (body.tool_choice as { type?: unknown } | undefined)?.type === 'none' ? undefined : tools[0]
  return {
    model,
    modelName: String(body.model),
    stream: body.stream === true,
    promptText: [textOf(body.system), ...messages.map((message) => textOf(message?.content))].join('\n'),
    userText: textOf(messages.findLast((message) => message?.role === 'user')?.content),
    toolResult: readToolResult(messages.at(-1)),
    tool: typeof offered?.name === 'string' ? { name: offered.name, schema: offered.input_schema } : null,
    includeUsage: true,
  }
}

function readToolResult(last: Message | undefined): string | null {
  const parts = (Array.isArray(last?.content) ? last.content : []) as ({ type?: unknown; content?: unknown } | null)[]
  const result = parts.find((part) => part?.type === 'tool_result')
  return result ? textOf(result.content) : null
}

export function toBody(request: SimulatedRequest, answer: SimulatedAnswer): object {
  return {
    id: `msg_simulation_${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: request.modelName,
    content: answer.toolCall
      ? [
          {
            type: 'tool_use',
            id: answer.toolCall.id,
            name: answer.toolCall.name,
            input: JSON.parse(answer.toolCall.arguments) as unknown,
          },
        ]
      : [{ type: 'text', text: answer.pieces.join('') }],
    stop_reason: answer.toolCall ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: answer.inputTokens, output_tokens: answer.outputTokens },
  }
}

export function toEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[] {
  const event = (data: { type: string } & Record<string, unknown>): string =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
  const whole = toBody(request, answer) as Record<string, unknown>
  const block = answer.toolCall
    ? { type: 'tool_use', id: answer.toolCall.id, name: answer.toolCall.name, input: {} }
    : { type: 'text', text: '' }
  const deltas = answer.toolCall
    ? [{ type: 'input_json_delta', partial_json: answer.toolCall.arguments }]
    : answer.pieces.map((text) => ({ type: 'text_delta', text }))
  return [
    event({
      type: 'message_start',
      message: {
        ...whole,
        content: [],
        stop_reason: null,
        usage: { input_tokens: answer.inputTokens, output_tokens: 1 },
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: block }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index: 0, delta })),
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null },
      usage: { output_tokens: answer.outputTokens },
    }),
    event({ type: 'message_stop' }),
  ]
}

export function toError(message: string): object {
  return { type: 'error', error: { type: 'not_found_error', message } }
}
