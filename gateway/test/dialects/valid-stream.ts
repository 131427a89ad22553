import type { Wire } from '../../../db/words/wire.ts'

/** The grammar of a dialect's stream: what an official client's accumulator relies on. Returns the first problem. */
interface Event {
  readonly type?: string
  readonly [key: string]: any
}

export function streamProblem(dialect: Wire, text: string): string | undefined {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'))
  const events: Event[] = []
  for (const block of blocks) {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => line.slice(6))
      .join('\n')
    events.push(data === '[DONE]' ? { type: '[DONE]' } : (JSON.parse(data) as Event))
  }
  if (events.length === 0) return 'nothing was said'
  return { chat: chatProblem, messages: messagesProblem, responses: responsesProblem }[dialect](events)
}

function chatProblem(events: readonly Event[]): string | undefined {
  const named = new Set<number>()
  for (const [place, event] of events.entries()) {
    const last = place === events.length - 1
    if (event.type === '[DONE]' || event.error !== undefined) {
      if (!last) return 'something follows the end'
      continue
    }
    if (last) return 'the stream has no end'
    if (!Array.isArray(event.choices) || event.object !== 'chat.completion.chunk') return 'a chunk is no chunk'
    for (const call of event.choices[0]?.delta.tool_calls ?? []) {
      if (!Number.isInteger(call.index) || call.index < 0) return 'a call has no index'
      if (
        !named.has(call.index) &&
        (typeof call.id !== 'string' || typeof (call.function ?? call.custom)?.name !== 'string')
      )
        return 'a call starts without id or name'
      named.add(call.index)
    }
  }
  return undefined
}

function messagesProblem(events: readonly Event[]): string | undefined {
  let open: number | undefined
  let next = 0
  for (const [place, event] of events.entries()) {
    const last = place === events.length - 1
    if (event.type === 'error') return last ? undefined : 'something follows the error'
    if ((place === 0) !== (event.type === 'message_start')) return `${event.type} stands at ${place}`
    if (event.type === 'content_block_start') {
      if (open !== undefined || event.index !== next)
        return `block ${event.index} starts while ${open} is open and ${next} is next`
      open = next++
    } else if (event.type === 'content_block_delta' && event.index !== open)
      return `a delta of ${event.index} while ${open} is open`
    else if (event.type === 'content_block_stop') {
      if (event.index !== open) return `${event.index} stops while ${open} is open`
      open = undefined
    } else if (event.type === 'message_delta' && open !== undefined) return 'the message ends inside a block'
    if (last) return event.type === 'message_stop' ? undefined : 'the stream has no end'
  }
  return undefined
}

function responsesProblem(events: readonly Event[]): string | undefined {
  const done: unknown[] = []
  let open: number | undefined
  for (const [place, event] of events.entries()) {
    if (event.sequence_number !== place) return `number ${event.sequence_number} stands at ${place}`
    const last = place === events.length - 1
    if (event.type === 'error') continue
    if (event.type === 'response.output_item.added') {
      if (open !== undefined || event.output_index !== done.length)
        return `item ${event.output_index} is added while ${open} is open`
      open = done.length
    } else if (event.type === 'response.output_item.done') {
      if (event.output_index !== open) return `item ${event.output_index} is done while ${open} is open`
      done.push(event.item)
      open = undefined
    } else if (event.output_index !== undefined && event.output_index !== open)
      return `${event.type} of ${event.output_index} while ${open} is open`
    if (!last) continue
    if (!['response.completed', 'response.incomplete', 'response.failed'].includes(event.type ?? ''))
      return 'the stream has no end'
    if (event.type !== 'response.failed' && JSON.stringify(event.response.output) !== JSON.stringify(done))
      return 'the last event says something else than the items did'
  }
  return undefined
}
