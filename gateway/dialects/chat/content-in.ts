import { isObject, rawText, type JsonObject, type JsonValue } from '../json.ts'
import { child, list, objects, objectText, present, text, unknownMembers } from '../members.ts'
import { toMedia } from '../media.ts'
import type { Citation, ImagePart, Part, ToolCallPart } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { argumentsOrEmpty } from '../tools.ts'
import { thoughtSignature } from './reasoning.ts'

/** A message's `content`: null, a text, or a list of parts. */
export function readContent(content: JsonValue | undefined, path: string, report: TranslationReport): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content, path }]
  if (!Array.isArray(content)) return [{ kind: 'foreign', type: typeof content, path }]
  const parts: Part[] = []
  for (const [index, item] of content.entries()) {
    const place = `${path}[${index}]`
    if (typeof item === 'string') parts.push({ kind: 'text', text: item, path: place })
    else if (isObject(item)) parts.push(readPart(item, place, report))
    else report.drop(place)
  }
  return parts
}

type ReadPart = (part: JsonObject, path: string, report: TranslationReport) => Part | undefined

const partReaders: ReadonlyMap<unknown, ReadPart> = new Map<unknown, ReadPart>([
  ['text', readText],
  ['refusal', (part, path) => ({ kind: 'refusal', text: text(part, 'refusal') ?? '', path })],
  ['thinking', (part, path) => ({ kind: 'reasoning', text: readThinking(part), path })],
  ['image_url', readImageUrl],
  ['file', readFile],
  ['input_audio', readAudio],
])

function readPart(part: JsonObject, path: string, report: TranslationReport): Part {
  const foreign = typeof part.type === 'string' ? part.type : 'part'
  return partReaders.get(part.type)?.(part, path, report) ?? { kind: 'foreign', type: foreign, path }
}

function readCache(part: JsonObject): { readonly cache?: string } {
  return present({ cache: objectText(part, 'cache_control') })
}

function readText(part: JsonObject, path: string, report: TranslationReport): Part {
  report.dropAll(unknownMembers(part, new Set(['type', 'text', 'cache_control']), path))
  return { kind: 'text', text: text(part, 'text') ?? '', path, ...readCache(part) }
}

function readImageUrl(part: JsonObject, path: string): Part | undefined {
  // Some servers take the address itself where OpenAI has an object.
  const url = typeof part.image_url === 'string' ? part.image_url : text(child(part, 'image_url'), 'url')
  const detail = text(child(part, 'image_url'), 'detail')
  return url === undefined
    ? undefined
    : { kind: 'image', media: toMedia(url), path, ...present({ detail }), ...readCache(part) }
}

function readFile(part: JsonObject, path: string): Part | undefined {
  const file = child(part, 'file')
  const data = text(file, 'file_data')
  const name = text(file, 'filename')
  if (data === undefined) return undefined
  const named = name === undefined ? {} : { name, namePath: `${path}.file.filename` }
  return { kind: 'file', media: toMedia(data), path, ...named, ...readCache(part) }
}

/** The same in chat and responses. */
export function readAudio(part: JsonObject, path: string): Part | undefined {
  const audio = child(part, 'input_audio')
  const data = text(audio, 'data')
  return data === undefined ? undefined : { kind: 'audio', data, format: text(audio, 'format') ?? 'wav', path }
}

/** A picture that the model made, in the form that OpenRouter and others use: `images: [{type, image_url: {url}}]`. */
export function readImage(image: JsonObject, path: string): ImagePart | undefined {
  const url = text(child(image, 'image_url'), 'url') ?? text(image, 'image_url') ?? text(image, 'url')
  const data = text(image, 'b64_json')
  if (url === undefined && data === undefined) return undefined
  return { kind: 'image', media: url === undefined ? toMedia(`data:image/png;base64,${data}`) : toMedia(url), path }
}

/** Mistral's thinking: a list of text parts, or a text. */
export function readThinking(part: JsonObject): string {
  return (
    text(part, 'thinking') ??
    list(part, 'thinking')
      .map((item) => (isObject(item) ? (text(item, 'text') ?? '') : ''))
      .join('')
  )
}

export function readToolCalls(message: JsonObject, path: string, report: TranslationReport): ToolCallPart[] {
  const calls: ToolCallPart[] = []
  // The first form of calls, one a message and without ids; their results name the function.
  const old = child(message, 'function_call')
  const oldName = text(old, 'name')
  if (oldName !== undefined)
    calls.push({
      kind: 'tool-call',
      id: oldCallId(oldName),
      name: oldName,
      arguments: argumentsOrEmpty(text(old, 'arguments') ?? ''),
      path: `${path}.function_call`,
    })
  for (const [call, index] of objects(message, 'tool_calls')) {
    const place = `${path}.tool_calls[${index}]`
    const custom = call.type === 'custom'
    const body = child(call, custom ? 'custom' : 'function')
    const name = text(body, 'name')
    if (name === undefined) {
      report.drop(place)
      continue
    }
    const signature = thoughtSignature(call)
    // A few servers send the arguments as an object: its own text is what the model wrote.
    const written = isObject(body?.arguments) ? rawText(body.arguments) : text(body, custom ? 'input' : 'arguments')
    calls.push({
      kind: 'tool-call',
      id: text(call, 'id') ?? `call_${index}`,
      name,
      arguments: custom ? (written ?? '') : argumentsOrEmpty(written ?? ''),
      path: place,
      ...(custom ? { custom } : {}),
      ...(signature === undefined ? {} : { signature }),
    })
  }
  return calls
}

/** Ids of calls that could not be read. */
export function findLostCalls(message: JsonObject, parts: readonly Part[]): string[] {
  return [...objects(message, 'tool_calls')].flatMap(([call]) => {
    const id = text(call, 'id')
    return id === undefined || parts.some((part) => part.kind === 'tool-call' && part.id === id) ? [] : [id]
  })
}

export function oldCallId(name: string): string {
  return `call_${name}`
}

/** `annotations` of an answer: addresses with the range of the text they stand for. */
export function readAnnotations(message: JsonObject, path: string, report: TranslationReport): Citation[] {
  const citations: Citation[] = []
  for (const [annotation, index] of objects(message, 'annotations')) {
    const citation = readAnnotation(annotation, `${path}.annotations[${index}]`)
    if (citation === undefined) report.drop(`${path}.annotations[${index}]`)
    else citations.push(citation)
  }
  return citations
}

export function readAnnotation(annotation: JsonObject, path: string): Citation | undefined {
  const stated = annotation.type === 'url_citation' ? (child(annotation, 'url_citation') ?? annotation) : undefined
  const url = text(stated, 'url')
  if (stated === undefined || url === undefined) return undefined
  const { type: _, url: __, title, start_index: start, end_index: end, ...others } = stated
  const extra = Object.fromEntries(
    Object.entries(others).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  )
  return {
    kind: 'url',
    url,
    path,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof start === 'number' && typeof end === 'number' ? { start, end } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}
