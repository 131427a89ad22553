import { isObject, rawText, type JsonObject, type JsonValue } from '../json.ts'
import { objects, present, text, unknownMembers } from '../members.ts'
import { toMedia } from '../media.ts'
import type { Citation, Part, ReasoningPart, ToolCallPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { argumentsOrEmpty } from '../tools.ts'
import { readAnnotation, readAudio } from '../chat/content-in.ts'

/** Item members that mean nothing outside this dialect: places in its own store. */
const itemEnvelope = ['type', 'id', 'status', 'object', 'created_by']

export function readItemContent(content: JsonValue | undefined, path: string, report: TranslationReport): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content, path }]
  if (!Array.isArray(content)) return [{ kind: 'foreign', type: typeof content, path }]
  const parts: Part[] = []
  for (const [index, item] of content.entries()) {
    const place = `${path}[${index}]`
    if (isObject(item)) parts.push(readContentPart(item, place, report))
    else report.drop(place)
  }
  return parts
}

type ReadPart = (part: JsonObject, path: string, report: TranslationReport) => Part | undefined

const partReaders: ReadonlyMap<unknown, ReadPart> = new Map<unknown, ReadPart>([
  ['input_text', readText],
  ['output_text', readText],
  ['text', readText],
  ['summary_text', readText],
  ['refusal', (part, path) => ({ kind: 'refusal', text: text(part, 'refusal') ?? '', path })],
  ['input_image', readImage],
  ['input_file', readFile],
  ['input_audio', readAudio],
])

export function readContentPart(part: JsonObject, path: string, report: TranslationReport): Part {
  const foreign = typeof part.type === 'string' ? part.type : 'part'
  return partReaders.get(part.type)?.(part, path, report) ?? { kind: 'foreign', type: foreign, path }
}

function readText(part: JsonObject, path: string, report: TranslationReport): Part {
  const citations = readOutputAnnotations(part, path, report)
  const logprobs = Array.isArray(part.logprobs) && part.logprobs.length > 0 ? rawText(part.logprobs) : undefined
  return {
    kind: 'text',
    text: text(part, 'text') ?? '',
    path,
    ...(citations.length === 0 ? {} : { citations }),
    ...present({ logprobs }),
  }
}

function readImage(part: JsonObject, path: string): Part | undefined {
  const url = text(part, 'image_url')
  const detail = text(part, 'detail')
  return url === undefined ? undefined : { kind: 'image', media: toMedia(url), path, ...present({ detail }) }
}

function readFile(part: JsonObject, path: string): Part | undefined {
  const data = text(part, 'file_data') ?? text(part, 'file_url')
  const name = text(part, 'filename')
  if (data === undefined) return undefined
  const named = name === undefined ? {} : { name, namePath: `${path}.filename` }
  return { kind: 'file', media: toMedia(data), path, ...named }
}

function readOutputAnnotations(part: JsonObject, path: string, report: TranslationReport): Citation[] {
  const citations: Citation[] = []
  for (const [annotation, index] of objects(part, 'annotations')) {
    const place = `${path}.annotations[${index}]`
    const citation = readAnnotation(annotation, place)
    if (citation === undefined) report.drop(place)
    else citations.push(citation)
  }
  return citations
}

export function readFunctionCall(item: JsonObject, path: string, report: TranslationReport): ToolCallPart {
  const custom = item.type === 'custom_tool_call'
  const known = new Set([...itemEnvelope, 'call_id', 'name', 'namespace', 'arguments', 'input'])
  report.hintAll(unknownMembers(item, known, path))
  const namespace = text(item, 'namespace')
  const written = isObject(item.arguments)
    ? rawText(item.arguments)
    : (text(item, custom ? 'input' : 'arguments') ?? '')
  return {
    kind: 'tool-call',
    id: text(item, 'call_id') ?? text(item, 'id') ?? '',
    name: text(item, 'name') ?? '',
    arguments: custom ? written : argumentsOrEmpty(written),
    path,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    ...(custom ? { custom } : {}),
  }
}

/** The summary is what the provider shows; servers without one show the reasoning itself. */
export function readReasoningItem(item: JsonObject, path: string): ReasoningPart {
  const summary = [...objects(item, 'summary')].map(([part]) => text(part, 'text') ?? '').filter((part) => part !== '')
  const content = [...objects(item, 'content')].map(([part]) => text(part, 'text') ?? '').filter((part) => part !== '')
  const encrypted = text(item, 'encrypted_content')
  return {
    kind: 'reasoning',
    text: (summary.length > 0 ? summary : content).join('\n\n'),
    path,
    ...(encrypted === undefined || encrypted === ''
      ? {}
      : { opaque: fromOpaqueField(encrypted, 'openai', 'encrypted', text(item, 'id')) }),
  }
}
