/** The stand-in's Responses, in the shapes that OpenAI sends. */
import { breakage, textOf, usage, type Asked, type Said } from './said.ts'
import { fault, textsOf, type Speaker } from './speaker.ts'
import { halves } from './wire-chat.ts'

const counts = {
  input_tokens: usage.input,
  input_tokens_details: { cached_tokens: usage.cached },
  output_tokens: usage.output,
  output_tokens_details: { reasoning_tokens: usage.reasoning },
  total_tokens: usage.input + usage.output,
}

interface Item {
  type?: string
  role?: string
  content?: unknown
  call_id?: string
  name?: string
  arguments?: string
  output?: unknown
}

export const responses: Speaker = {
  path: '/v1/responses',

  read(body) {
    const {
      input,
      instructions,
      tools = [],
      tool_choice: choice,
      text,
    } = body as {
      input?: string | Item[]
      instructions?: string | null
      tools?: { name: string }[]
      tool_choice?: { name?: string }
      text?: { format?: { type: string } }
    }
    const items: Item[] = typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? [])
    if (items.length === 0) return fault('input', 'must not be empty')
    const results: Asked['results'] = []
    const calls = new Map<string, string>()
    for (const [index, item] of items.entries()) {
      if (item.type === 'function_call') {
        calls.set(item.call_id ?? '', item.name ?? '')
        JSON.parse(item.arguments ?? '')
      } else if (item.type === 'function_call_output') {
        const name = calls.get(item.call_id ?? '')
        if (name === undefined) return fault(`input[${index}].call_id`, 'answers no call that came before it')
        results.push({ call: name, output: textsOf(item.output) })
      } else if (item.role === 'user') results.length = 0
    }
    const system = items.find(({ role }) => role === 'system' || role === 'developer')
    const format = text?.format?.type
    return {
      prompt: textsOf(items.findLast(({ role }) => role === 'user')?.content),
      system: instructions ?? (system ? textsOf(system.content) : null),
      tools: tools.map(({ name }) => name),
      forced: choice?.name ?? null,
      structured: format === 'json_schema' || format === 'json_object',
      results,
    }
  },

  whole: (said) => toResponse(said, toItems(said)),

  events(said) {
    let sequence = 0
    const event = (type: string, members: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...members })}\n\n`
    const open = { ...toResponse(said, []), status: 'in_progress', incomplete_details: null, usage: null }
    const opening = [event('response.created', { response: open }), event('response.in_progress', { response: open })]
    const items = toItems(said).flatMap((item, output_index) => [
      event('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', ...('content' in item ? { content: [] } : { arguments: '' }) },
      }),
      ...('content' in item ? toTextEvents(said, item, output_index, event) : toCallEvents(item, output_index, event)),
      event('response.output_item.done', { output_index, item }),
    ])
    const last = said.stop === 'length' ? 'response.incomplete' : 'response.completed'
    return [...opening, ...items, event(last, { response: toResponse(said, toItems(said)) })]
  },

  error: ({ message, openai: { type, code, param } }) => ({ error: { message, type, param, code } }),
  // Recorded streams say it twice.
  breakage() {
    const error = { code: 'server_error', message: breakage }
    const failed = {
      type: 'response.failed',
      sequence_number: 10,
      response: { ...toResponse({ pieces: [], calls: [], stop: 'stop' }, []), status: 'failed', error, usage: null },
    }
    return `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: 9, ...error, param: null })}\n\nevent: response.failed\ndata: ${JSON.stringify(failed)}\n\n`
  },
}

type Event = (type: string, members: object) => string
type TextItem = { id: string; type: 'message'; status: string; role: string; content: object[] }
type CallItem = { id: string; type: 'function_call'; status: string; call_id: string; name: string; arguments: string }

function toItems(said: Said): (TextItem | CallItem)[] {
  const text = textOf(said)
  const part =
    said.stop === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations: [], logprobs: [] }
  const message: TextItem[] =
    text === ''
      ? []
      : [
          {
            id: 'msg_0',
            type: 'message',
            status: said.stop === 'length' ? 'incomplete' : 'completed',
            role: 'assistant',
            content: [part],
          },
        ]
  return [
    ...message,
    ...said.calls.map(({ name, arguments: input }, index): CallItem => ({
      id: `fc_${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: `call_${index}`,
      name,
      arguments: JSON.stringify(input),
    })),
  ]
}

function toTextEvents(said: Said, item: TextItem, output_index: number, event: Event): string[] {
  const place = { item_id: item.id, output_index, content_index: 0 }
  const refused = said.stop === 'refusal'
  const text = textOf(said)
  return [
    event('response.content_part.added', {
      ...place,
      part: refused
        ? { type: 'refusal', refusal: '' }
        : { type: 'output_text', text: '', annotations: [], logprobs: [] },
    }),
    ...said.pieces.map((delta) =>
      event(refused ? 'response.refusal.delta' : 'response.output_text.delta', {
        ...place,
        delta,
        ...(!refused && { logprobs: [] }),
      }),
    ),
    refused
      ? event('response.refusal.done', { ...place, refusal: text })
      : event('response.output_text.done', { ...place, text, logprobs: [] }),
    event('response.content_part.done', { ...place, part: item.content[0] }),
  ]
}

function toCallEvents(item: CallItem, output_index: number, event: Event): string[] {
  const place = { item_id: item.id, output_index }
  return [
    ...halves(item.arguments).map((delta) => event('response.function_call_arguments.delta', { ...place, delta })),
    event('response.function_call_arguments.done', { ...place, name: item.name, arguments: item.arguments }),
  ]
}

function toResponse(said: Said, output: object[]): object {
  return {
    id: 'resp_68',
    object: 'response',
    created_at: 1_752_000_000,
    status: said.stop === 'length' ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: said.stop === 'length' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    max_output_tokens: null,
    model: 'gpt-4.1-2025-04-14',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: true,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    usage: counts,
    user: null,
    metadata: {},
  }
}
