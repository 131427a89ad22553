/** Step 2, continued: the body is parsed once, and bounded in depth before that. */
import { isUtf8 } from 'node:buffer'
import type { Wire } from '../../db/words/wire.ts'
import { findShapeFault } from '../dialects/request-shape.ts'
import { refuse, type Refusal } from '../dialects/refusals.ts'

/** Deeper bodies are no prompt; a parser's memory grows with every level. */
export const maxDepth = 256

export interface ParsedBody {
  json: Record<string, unknown>
  /** Empty where a stored prompt names it, which only its provider knows. */
  model: string
  stream: boolean
}

export function parseBody(body: Buffer, wire: Wire): ParsedBody | Refusal {
  if (isTooDeep(body)) return refuse('body_too_deep', `the body is nested deeper than ${maxDepth} levels`)
  // Decoded it would read as something else than the bytes that go on to the provider.
  if (!isUtf8(body)) return refuse('invalid_json', 'the body is not valid UTF-8')
  const json = parseJson(body)
  if (json === undefined)
    return refuse(
      'invalid_json',
      body.length === 0 ? 'the body is empty; a JSON object is needed' : 'the body is not valid JSON',
    )
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refuse('invalid_json', 'the body must be a JSON object')
  return readMembers(json as Record<string, unknown>, wire)
}

/** The parser's own message is not needed; it quotes the body, which must not travel into logs and records. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function readMembers(json: Record<string, unknown>, wire: Wire): ParsedBody | Refusal {
  const { stream } = json
  const model = json.model ?? (wire === 'responses' && namesStoredPrompt(json) ? '' : null)
  if (model === null || json.model === '')
    return refuse('missing_model', 'is required: provider/model, or a name that a provider lists', 'model')
  if (typeof model !== 'string') return refuse('invalid_field', 'must be a string', 'model')
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return refuse('invalid_field', 'must be true or false', 'stream')
  const fault = findShapeFault(wire, json)
  if (fault !== null) return refuse('invalid_field', fault.message, fault.field)
  return { json, model, stream: stream === true }
}

function namesStoredPrompt({ prompt }: { prompt?: unknown }): boolean {
  return typeof (prompt as { id?: unknown } | null | undefined)?.id === 'string'
}

const quote = 0x22
const backslash = 0x5c

/** Counts brackets outside strings; on bytes, because the parser must not see what is too deep. */
function isTooDeep(body: Buffer): boolean {
  if (body.length <= maxDepth) return false
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) {
      for (at++; at < body.length && body[at] !== quote; at++) if (body[at] === backslash) at++
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}
