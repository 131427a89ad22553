/** The simulation in the OpenAI Chat Completions dialect. */
import { textOf, type SimulatedAnswer, type SimulatedRequest } from './answers.ts'

interface Message {
  role?: unknown
  content?: unknown
}

/** A fixed moment: an answer depends on its request only. */
const created = 1_767_225_600

export function readRequest(body: Record<string, unknown>, model: SimulatedRequest['model']): SimulatedRequest {
  const messages = (Array.isArray(body.messages) ? body.messages : []) as Message[]
  const last = messages.at(-1)
  const tools = (Array.isArray(body.tools) ? body.tools : []) as {
    function?: { name?: unknown; parameters?: unknown }
  }[]
  const offered = body.tool_choice === 'none' ? undefined : tools[0]?.function
  return {
    model,
    modelName: String(body.model),
    stream: body.stream === true,
    promptText: messages.map((message) => textOf(message?.content)).join('\n'),
    userText: textOf(messages.findLast((message) => message?.role === 'user')?.content),
    toolResult: last?.role === 'tool' ? textOf(last.content) : null,
    tool: typeof offered?.name === 'string' ? { name: offered.name, schema: offered.parameters } : null,
    includeUsage: (body.stream_options as { include_usage?: unknown } | undefined)?.include_usage === true,
  }
}

export function toBody(request: SimulatedRequest, answer: SimulatedAnswer): object {
  const toolCalls = answer.toolCall && [
    {
      id: answer.toolCall.id,
      type: 'function',
      function: { name: answer.toolCall.name, arguments: answer.toolCall.arguments },
    },
  ]
  const message = {
    role: 'assistant',
    content: toolCalls ? null : answer.pieces.join(''),
    refusal: null,
    ...(toolCalls && { tool_calls: toolCalls }),
  }
  return {
    id: `chatcmpl-simulation-${answer.id}`,
    object: 'chat.completion',
    created,
    model: request.modelName,
    system_fingerprint: 'simulation',
    choices: [{ index: 0, message, logprobs: null, finish_reason: toolCalls ? 'tool_calls' : 'stop' }],
    usage: toUsage(answer),
  }
}

export function toEvents(request: SimulatedRequest, answer: SimulatedAnswer): string[] {
  const head = {
    id: `chatcmpl-simulation-${answer.id}`,
    object: 'chat.completion.chunk',
    created,
    model: request.modelName,
    system_fingerprint: 'simulation',
  }
  const usage = request.includeUsage ? { usage: null } : {}
  const event = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage })}\n\n`
  const events = [event({ role: 'assistant', content: answer.toolCall ? null : '', refusal: null }, null)]
  for (const piece of answer.pieces) events.push(event({ content: piece }, null))
  if (answer.toolCall) {
    const { id, name, arguments: json } = answer.toolCall
    events.push(event({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }] }, null))
    for (const part of halves(json))
      events.push(event({ tool_calls: [{ index: 0, function: { arguments: part } }] }, null))
  }
  events.push(event({}, answer.toolCall ? 'tool_calls' : 'stop'))
  if (request.includeUsage) events.push(`data: ${JSON.stringify({ ...head, choices: [], usage: toUsage(answer) })}\n\n`)
  events.push('data: [DONE]\n\n')
  return events
}

export function toError(message: string): object {
  return { error: { message, type: 'invalid_request_error', param: 'model', code: 'model_not_found' } }
}

function toUsage({ inputTokens, outputTokens }: SimulatedAnswer): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)].filter((part) => part !== '')
}
