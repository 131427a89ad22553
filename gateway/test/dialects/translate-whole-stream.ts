/** One stream translated for a test, and the events that it is made of. */
import type { Wire } from '../../../db/words/wire.ts'
import { StreamTranslator } from '../stream-translator.ts'

export type Event = Record<string, any>

export const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 5, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
export const usageChunk = `data: ${JSON.stringify({ id: 'c1', choices: [], usage: { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } } })}\n\n`
export const event = (type: string, body: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
export const messageStart = event('message_start', {
  message: {
    id: 'msg_1',
    model: 'c',
    content: [],
    usage: { input_tokens: 7, cache_read_input_tokens: 2, output_tokens: 1 },
  },
})
export const messageEnd = (reason: string): string =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } }) +
  event('message_stop', {})

export function translate(
  from: Wire,
  to: Wire,
  stream: string,
  end: (translator: StreamTranslator) => string = (translator) => translator.end(),
): { text: string; events: Event[]; translator: StreamTranslator } {
  const translator = new StreamTranslator({ from, to }, { includeUsage: true })
  const text = translator.push(Buffer.from(stream)) + end(translator)
  const events = [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Event)
  return { text, events, translator }
}
