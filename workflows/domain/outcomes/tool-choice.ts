/** What a request says of calling tools, on any wire. Pure. */
import { asArray, asObject, asText, type JsonObject } from '../json/json.ts'

export type ToolChoice =
  | { kind: 'none' }
  /** One must be called; `names`: one of these. `null` = any. */
  | { kind: 'required'; names: readonly string[] | null }

/** Words of all wires for "you must call one". */
const musts = new Set(['required', 'any'])

/** `null` = the model may choose. */
export function readToolChoice(request: JsonObject | null): ToolChoice | null {
  return readChoice(request?.tool_choice) ?? readLegacy(request?.function_call) ?? readGoogle(request?.toolConfig)
}

/** A word, or an object that names a tool: Chat Completions one level deeper than Responses and Messages. */
function readChoice(choice: unknown): ToolChoice | null {
  if (typeof choice === 'string') return toKind(choice, null)
  const object = asObject(choice)
  if (object === null) return null
  const type = asText(object.type) ?? ''
  if (type === 'allowed_tools') return readAllowed(object)
  const name = asText(asObject(object.function)?.name) ?? asText(asObject(object.custom)?.name) ?? asText(object.name)
  if (name !== null) return { kind: 'required', names: [name] }
  return toKind(type, null)
}

function readAllowed(choice: JsonObject): ToolChoice | null {
  const allowed = asObject(choice.allowed_tools) ?? choice
  const names = asArray(allowed.tools).map((tool) => {
    const object = asObject(tool)
    return asText(asObject(object?.function)?.name) ?? asText(object?.name)
  })
  // Tools that the provider runs itself have no name here: then any may stand for it.
  return toKind(asText(allowed.mode) ?? '', names.includes(null) ? null : (names as string[]))
}

function readLegacy(choice: unknown): ToolChoice | null {
  if (typeof choice === 'string') return toKind(choice, null)
  const name = asText(asObject(choice)?.name)
  return name === null ? null : { kind: 'required', names: [name] }
}

function readGoogle(config: unknown): ToolChoice | null {
  const calling = asObject(asObject(config)?.functionCallingConfig)
  const names = asArray(calling?.allowedFunctionNames).filter((name) => typeof name === 'string')
  return toKind((asText(calling?.mode) ?? '').toLowerCase(), names.length > 0 ? names : null)
}

function toKind(word: string, names: readonly string[] | null): ToolChoice | null {
  if (word === 'none') return { kind: 'none' }
  return musts.has(word) ? { kind: 'required', names } : null
}
