/** The messages of a recorded request body, of either dialect, as texts side by side. Bodies of other shapes have none. */
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
  if (!isObject(body) || !Array.isArray(body.messages)) return null
  const system = body.system === undefined ? [] : [{ role: 'system', text: toText(body.system) }]
  const messages = body.messages.map((message: unknown) => (isObject(message) ? { role: String(message.role ?? 'message'), text: toMessageText(message) } : { role: 'message', text: toText(message) }))
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
    const alone = before?.role !== after?.role
    if (alone && after?.role === 'system') pairs.push({ role: after.role, original: null, sent: sent[right++]?.text ?? null })
    else if (alone && before !== undefined && original.length - left > sent.length - right) pairs.push({ role: before.role, original: original[left++]?.text ?? null, sent: null })
    else pairs.push({ role: (after ?? before)?.role ?? 'message', original: original[left++]?.text ?? null, sent: sent[right++]?.text ?? null })
  }
  return pairs
}

function toMessageText(message: Record<string, unknown>): string {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.map((call: unknown) => `→ ${JSON.stringify(isObject(call) && isObject(call.function) ? call.function : call)}`) : []
  return [message.content === null || message.content === undefined ? '' : toText(message.content), ...calls].filter((text) => text !== '').join('\n')
}

function toText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content, null, 2)
  return content.map((part: unknown) => (isObject(part) && part.type === 'text' && typeof part.text === 'string' ? part.text : JSON.stringify(part, null, 2))).join('\n')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function toPretty(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body, null, 2)
}
