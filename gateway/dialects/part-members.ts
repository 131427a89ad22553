/**
 * Members of the parts of a conversation that no reader knows: what a translation leaves out there is named like any
 * other. They are hints, because what they say beside a known part is rarely more.
 */
import type { Wire } from '../../db/words/wire.ts'
import { isObject, type JsonObject, type JsonValue } from './json.ts'
import { list, saysNothing } from './members.ts'

/** What a part may hold: `true` = whatever stands there is read or left out as a whole. */
interface Members {
  readonly [name: string]: true | Members
}

const cached = { type: true, cache_control: true } as const
const source = {
  ...cached,
  source: { type: true, media_type: true, data: true, url: true, file_id: true, content: true },
} as const
const own = { type: true, id: true, status: true } as const

/** By wire and by the type of the part; a type that is not named here is foreign, and named as a whole. */
const known: Readonly<Record<Wire, Readonly<Record<string, Members>>>> = {
  chat: {
    image_url: { ...cached, image_url: { url: true, detail: true } },
    file: { ...cached, file: { file_data: true, file_id: true, filename: true } },
    input_audio: { ...cached, input_audio: { data: true, format: true } },
    refusal: { ...cached, refusal: true },
    function: { ...own, index: true, extra_content: true, function: { name: true, arguments: true } },
    custom: { ...own, index: true, extra_content: true, custom: { name: true, input: true } },
  },
  responses: {
    input_text: { type: true, text: true },
    output_text: { type: true, text: true, annotations: true, logprobs: true },
    refusal: { type: true, refusal: true },
    input_image: { type: true, image_url: true, file_id: true, detail: true },
    input_file: { type: true, file_data: true, file_id: true, file_url: true, filename: true, detail: true },
    input_audio: { type: true, input_audio: { data: true, format: true } },
    function_call: { ...own, call_id: true, name: true, arguments: true, namespace: true },
    function_call_output: { ...own, call_id: true, output: true },
    custom_tool_call: { ...own, call_id: true, name: true, input: true, namespace: true },
    custom_tool_call_output: { ...own, call_id: true, output: true },
  },
  messages: {
    text: { ...cached, text: true, citations: true },
    image: source,
    document: { ...source, title: true, context: true, citations: { enabled: true } },
    tool_use: { ...cached, id: true, name: true, input: true, caller: true },
    tool_result: { ...cached, tool_use_id: true, content: true, is_error: true },
    thinking: { type: true, thinking: true, signature: true },
    redacted_thinking: { type: true, data: true },
  },
}

/** Lists of parts, and where parts stand within parts. */
const partLists = ['content', 'tool_calls', 'output']

export function findUnknownMembers(body: JsonObject, wire: Wire): string[] {
  const found: string[] = []
  const visit = (value: JsonValue, path: string): void => {
    if (!isObject(value)) return
    const members = typeof value.type === 'string' ? known[wire][value.type] : undefined
    if (members !== undefined) collect(value, members, path, found)
    for (const name of partLists)
      for (const [index, part] of list(value, name).entries()) visit(part, `${path}.${name}[${index}]`)
  }
  for (const name of ['system', 'messages', 'input'])
    for (const [index, item] of list(body, name).entries()) visit(item, `${name}[${index}]`)
  return found
}

function collect(part: JsonObject, members: Members, path: string, found: string[]): void {
  for (const [name, value] of Object.entries(part)) {
    const inner = members[name]
    if (inner === true || saysNothing(value)) continue
    if (inner === undefined) found.push(`${path}.${name}`)
    else if (isObject(value)) collect(value, inner, `${path}.${name}`, found)
  }
}
