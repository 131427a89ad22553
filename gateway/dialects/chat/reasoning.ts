import type { JsonObject, JsonTree } from '../json.ts'
import { child, list, objects, present, text } from '../members.ts'
import type { Opaque, ReasoningPart } from '../model.ts'

/**
 * Chat has no words of its own for reasoning. `reasoning_content` (DeepSeek, vLLM) and `reasoning` (OpenRouter, Groq)
 * are the text; OpenRouter's `reasoning_details` also carries signatures and encrypted reasoning, which must come back
 * unchanged.
 */
const formats: ReadonlyArray<readonly [string, string]> = [
  ['anthropic', 'anthropic-claude-v1'],
  ['openai', 'openai-responses-v1'],
  ['google', 'google-gemini-v1'],
]

export const reasoningMembers = [
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'thought_signature',
] as const

export function readReasoning(message: JsonObject, path: string): ReasoningPart[] {
  const parts = readDetails(message, path)
  const written = text(message, 'reasoning_content') ?? text(message, 'reasoning')
  if (written !== undefined && written !== '' && !parts.some((part) => part.text !== '')) {
    const key = typeof message.reasoning_content === 'string' ? 'reasoning_content' : 'reasoning'
    const first = parts[0]
    const opaque = first?.opaque
    parts.splice(0, first === undefined ? 0 : 1, {
      kind: 'reasoning',
      text: written,
      path: `${path}.${key}`,
      ...(opaque === undefined ? {} : { opaque }),
      ...(first === undefined ? {} : { alsoAt: [first.path, ...(first.alsoAt ?? [])] }),
    })
  }
  const signature = thoughtSignature(message)
  if (signature !== undefined)
    parts.push({ kind: 'reasoning', text: '', opaque: signature, path: `${path}.extra_content` })
  return parts
}

/** Gemini's thought signature, as Google's own chat endpoint carries it, on a message or on a tool call. */
export function thoughtSignature(holder: JsonObject): Opaque | undefined {
  const value =
    text(child(child(holder, 'extra_content'), 'google'), 'thought_signature') ?? text(holder, 'thought_signature')
  return value === undefined ? undefined : { maker: 'google', kind: 'signature', value }
}

export function writeThoughtSignature(opaque: Opaque): JsonTree {
  return { google: { thought_signature: opaque.value } }
}

function readDetails(message: JsonObject, path: string): ReasoningPart[] {
  if (list(message, 'reasoning_details').length === 0)
    return [...objects(message, 'thinking_blocks')].map(([block, index]) =>
      readThinkingBlock(block, `${path}.thinking_blocks[${index}]`),
    )
  const parts: ReasoningPart[] = []
  for (const [detail, index] of objects(message, 'reasoning_details'))
    addDetail(parts, detail, `${path}.reasoning_details[${index}]`)
  return parts
}

/** A proof without words belongs to the words before it. */
function addDetail(parts: ReasoningPart[], detail: JsonObject, path: string): void {
  const words = detailText(detail)
  const opaque = detailOpaque(detail)
  const last = parts.at(-1)
  if (words === '' && opaque !== undefined && last !== undefined && last.opaque === undefined)
    parts[parts.length - 1] = { ...last, opaque, alsoAt: [...(last.alsoAt ?? []), path] }
  else if (words !== '' || opaque !== undefined)
    parts.push({ kind: 'reasoning', text: words, path, ...present({ opaque }) })
}

export function detailText(detail: JsonObject): string {
  return text(detail, 'text') ?? text(detail, 'summary') ?? ''
}

/** LiteLLM's copy of Anthropic's blocks. */
function readThinkingBlock(block: JsonObject, path: string): ReasoningPart {
  const value = text(block, 'signature') ?? text(block, 'data')
  const kind = block.type === 'redacted_thinking' ? 'encrypted' : 'signature'
  const opaque: Opaque | undefined = value === undefined ? undefined : { maker: 'anthropic', kind, value }
  return { kind: 'reasoning', text: text(block, 'thinking') ?? '', path, ...present({ opaque }) }
}

export function detailOpaque(detail: JsonObject): Opaque | undefined {
  const encrypted = detail.type === 'reasoning.encrypted'
  const value = encrypted ? text(detail, 'data') : text(detail, 'signature')
  if (value === undefined || value === '') return undefined
  const format = text(detail, 'format') ?? 'unknown'
  const id = text(detail, 'id')
  const maker = formats.find(([, name]) => name === format)?.[0] ?? format
  return { maker, kind: encrypted ? 'encrypted' : 'signature', value, ...(id === undefined ? {} : { id }) }
}

export function opaqueDetail(opaque: Opaque, index: number, readable?: string): JsonTree {
  const format = formats.find(([maker]) => maker === opaque.maker)?.[1] ?? opaque.maker
  return opaque.kind === 'encrypted'
    ? { type: 'reasoning.encrypted', data: opaque.value, id: opaque.id, format, index }
    : { type: 'reasoning.text', text: readable, signature: opaque.value, id: opaque.id, format, index }
}

/** The members of a message that say its reasoning. */
export function writeReasoning(parts: readonly ReasoningPart[]): Record<string, JsonTree> {
  const details: JsonTree[] = []
  let extra: JsonTree
  for (const { text: readable, opaque } of parts) {
    const index = details.length
    if (opaque?.maker === 'google' && readable === '') extra = writeThoughtSignature(opaque)
    else if (opaque?.kind === 'signature') details.push(opaqueDetail(opaque, index, readable))
    else {
      if (readable !== '')
        details.push({
          type: opaque === undefined ? 'reasoning.text' : 'reasoning.summary',
          [opaque === undefined ? 'text' : 'summary']: readable,
          index,
        })
      if (opaque !== undefined) details.push(opaqueDetail(opaque, details.length))
    }
  }
  const readable = parts.map((part) => part.text).filter((part) => part !== '')
  return {
    reasoning_content: readable.length === 0 ? undefined : readable.join('\n\n'),
    reasoning_details: parts.some((part) => part.opaque !== undefined) && details.length > 0 ? details : undefined,
    extra_content: extra,
  }
}
