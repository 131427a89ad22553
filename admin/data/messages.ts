/**
 * The messages of a recorded request body, of any wire format, as texts side by side. Bodies of other shapes have none.
 */
export interface Message {
  role: string
  text: string
}

export interface MessagePair {
  role: string
  original: string | null
  sent: string | null
}

export function toMessages(body: unknown): Message[] | null {
  if (!isObject(body)) return null
  const list = Array.isArray(body.messages) ? body.messages : readInput(body)
  if (list === null) return null
  // Anthropic's and the Responses format's places for it; OpenAI's chat has it among the messages.
  const prompt = body.system ?? body.instructions
  const system = prompt === undefined || prompt === null ? [] : [{ role: 'system', text: toText(prompt) }]
  const messages = list.map((message: unknown) =>
    isObject(message)
      ? { role: toRole(message), text: toMessageText(message) }
      : { role: 'message', text: toText(message ?? null) },
  )
  return [...system, ...messages]
}

/** Pairs what the caller wrote with what was sent; a system prompt that one of them lacks stands alone. */
export function pairMessages(original: Message[], sent: Message[]): MessagePair[] {
  const pairs: MessagePair[] = []
  let left = 0
  let right = 0
  while (left < original.length || right < sent.length) {
    const before = original[left]
    const after = sent[right]
    const alone = whichIsAlone(before, after, original.length - left - (sent.length - right))
    if (before !== undefined && alone !== 'after') left++
    if (after !== undefined && alone !== 'before') right++
    pairs.push(toPair(alone === 'after' ? undefined : before, alone === 'before' ? undefined : after))
  }
  return pairs
}

function toPair(before: Message | undefined, after: Message | undefined): MessagePair {
  return {
    role: (after ?? before)?.role ?? 'message',
    original: before?.text ?? null,
    sent: after?.text ?? null,
  }
}

/** `surplus`: by how many more messages the caller wrote than are sent from here on. */
function whichIsAlone(
  before: Message | undefined,
  after: Message | undefined,
  surplus: number,
): 'before' | 'after' | null {
  if (before?.role === after?.role) return null
  if (after?.role === 'system') return 'after'
  return before !== undefined && surplus > 0 ? 'before' : null
}

/** The Responses format's items, or a text in their place; an embedding's input is none of it. */
function readInput(body: Record<string, unknown>): unknown[] | null {
  if (Array.isArray(body.input))
    return body.input.every((item: unknown) => isObject(item)) ? (body.input as unknown[]) : null
  return typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : null
}

/** Items that are no messages are known by their type: calls, their results, reasoning. */
function toRole(message: Record<string, unknown>): string {
  return String(message.role ?? message.type ?? 'message')
}

function toMessageText(message: Record<string, unknown>): string {
  if (message.role === undefined && message.type === 'function_call')
    return `→ ${JSON.stringify({ name: message.name, arguments: message.arguments })}`
  if (message.role === undefined && message.type === 'function_call_output') return toText(message.output)
  if (message.role === undefined && message.content === undefined) return toText(message)
  const calls = Array.isArray(message.tool_calls)
    ? message.tool_calls.map(
        (call: unknown) => `→ ${JSON.stringify(isObject(call) && isObject(call.function) ? call.function : call)}`,
      )
    : []
  return [message.content === null || message.content === undefined ? '' : toText(message.content), ...calls]
    .filter((text) => text !== '')
    .join('\n')
}

const textTypes = new Set(['text', 'input_text', 'output_text'])

function toText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content, null, 2)
  return content
    .map((part: unknown) =>
      isObject(part) && textTypes.has(String(part.type)) && typeof part.text === 'string'
        ? part.text
        : JSON.stringify(part, null, 2),
    )
    .join('\n')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function toPretty(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body, null, 2)
}
