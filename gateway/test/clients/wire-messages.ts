/** The stand-in's Messages, in the shapes that Anthropic sends. */
import { breakage, textOf, usage, type Asked, type Said } from './said.ts'
import { fault, textsOf, type Speaker } from './speaker.ts'
import { halves } from './wire-chat.ts'

const head = { id: 'msg_01Hx', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' }
const stops = { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens', refusal: 'refusal' } as const
const counts = {
  input_tokens: usage.input - usage.cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cached,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: usage.output,
  output_tokens_details: { thinking_tokens: usage.reasoning },
  service_tier: 'standard',
}

interface Block {
  type: string
  text?: string
  id?: string
  name?: string
  tool_use_id?: string
  content?: unknown
}

export const messages: Speaker = {
  path: '/v1/messages',

  read(body) {
    const {
      messages: list,
      max_tokens: most,
      system,
      tools = [],
      tool_choice: choice,
      output_config: config,
      output_format: format,
    } = body as {
      messages?: { role: string; content: string | Block[] }[]
      max_tokens?: number
      system?: unknown
      tools?: { name: string }[]
      tool_choice?: { type: string; name?: string }
      output_config?: { format?: object }
      output_format?: object
    }
    if (typeof most !== 'number') return fault('max_tokens', 'Field required')
    if (!Array.isArray(list) || list.length === 0) return fault('messages', 'at least one message is required')
    let results: Asked['results'] = []
    let open = new Map<string, string>()
    for (const [index, message] of list.entries()) {
      const blocks = typeof message.content === 'string' ? [] : message.content
      if (!['user', 'assistant'].includes(message.role))
        return fault(`messages.${index}.role`, `Unexpected role "${message.role}"`)
      if (message.role === 'user') {
        const answered = blocks.filter(({ type }) => type === 'tool_result')
        for (const { tool_use_id: id = '', content } of answered) {
          const name = open.get(id)
          if (name === undefined) return fault(`messages.${index}.content`, `unexpected tool_use_id ${id}`)
          results = [...results, { call: name, output: textsOf(content) }]
          open.delete(id)
        }
        if (open.size > 0)
          return fault(
            `messages.${index}`,
            `tool_use ids were found without tool_result blocks: ${[...open.keys()].join(', ')}`,
          )
        if (answered.length === 0) results = []
      } else
        open = new Map(blocks.filter(({ type }) => type === 'tool_use').map(({ id = '', name = '' }) => [id, name]))
    }
    return {
      prompt: textsOf(list.findLast(({ role, content }) => role === 'user' && textsOf(content) !== '')?.content),
      system: system === undefined ? null : textsOf(system),
      tools: tools.map(({ name }) => name),
      forced: choice?.type === 'tool' ? (choice.name ?? null) : null,
      structured: config?.format !== undefined || format !== undefined,
      results,
    }
  },

  whole: (said) => ({
    ...head,
    content: toBlocks(said),
    stop_reason: stops[said.stop],
    stop_sequence: null,
    usage: counts,
    x_unknown: true,
  }),

  events(said) {
    const blocks = toBlocks(said).flatMap((block, index) => [
      event('content_block_start', {
        index,
        content_block: 'input' in block ? { ...block, input: {} } : { type: 'text', text: '' },
      }),
      ...('input' in block
        ? ['', ...halves(JSON.stringify(block.input))].map((partial_json) => ({
            type: 'input_json_delta',
            partial_json,
          }))
        : said.pieces.map((text) => ({ type: 'text_delta', text }))
      ).map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ])
    return [
      // LangChain adds up the counts of the first and the last event.
      event('message_start', {
        message: {
          ...head,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { ...counts, output_tokens: 0 },
        },
      }),
      event('ping', {}),
      ...blocks,
      event('message_delta', {
        delta: { stop_reason: stops[said.stop], stop_sequence: null },
        usage: { output_tokens: usage.output, output_tokens_details: { thinking_tokens: usage.reasoning } },
      }),
      event('message_stop', {}),
    ]
  },

  error: ({ message, anthropic }) => ({ type: 'error', error: { type: anthropic, message }, request_id: 'req_011C' }),
  breakage: () => event('error', { error: { type: 'api_error', message: breakage } }),
}

const event = (type: string, members: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`

function toBlocks(
  said: Said,
): ({ type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: object })[] {
  const text = textOf(said)
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...said.calls.map(({ name, arguments: input }, index) => ({
      type: 'tool_use' as const,
      id: `toolu_${index}`,
      name,
      input,
    })),
  ]
}
