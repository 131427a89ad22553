import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import { child, objects, objectText, present, text, unknownMembers } from '../members.ts'
import type { Citation, Media, Part, ReasoningPart, ToolResultPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { fromPlainId } from '../tools.ts'

export function readBlocks(content: JsonValue | undefined, path: string, report: TranslationReport): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content, path }]
  if (!Array.isArray(content)) return [{ kind: 'foreign', type: typeof content, path }]
  const parts: Part[] = []
  for (const [index, block] of content.entries()) {
    const place = `${path}[${index}]`
    if (isObject(block)) parts.push(readBlock(block, place, report))
    else if (typeof block === 'string') parts.push({ kind: 'text', text: block, path: place })
    else report.drop(place)
  }
  return parts
}

type ReadBlock = (block: JsonObject, path: string, report: TranslationReport) => Part | undefined

const blockReaders: ReadonlyMap<unknown, ReadBlock> = new Map<unknown, ReadBlock>([
  ['text', readText],
  ['thinking', readThinkingBlock],
  ['redacted_thinking', readThinkingBlock],
  ['image', readImage],
  ['document', readDocument],
  ['tool_use', readToolUse],
  ['tool_result', readToolResult],
])

export function readBlock(block: JsonObject, path: string, report: TranslationReport): Part {
  const foreign = typeof block.type === 'string' ? block.type : 'block'
  return blockReaders.get(block.type)?.(block, path, report) ?? { kind: 'foreign', type: foreign, path }
}

function readCache(block: JsonObject): { readonly cache?: string } {
  return present({ cache: objectText(block, 'cache_control') })
}

function readText(block: JsonObject, path: string, report: TranslationReport): Part {
  const citations = readCitations(block, path, report)
  return {
    kind: 'text',
    text: text(block, 'text') ?? '',
    path,
    ...readCache(block),
    ...(citations.length === 0 ? {} : { citations }),
  }
}

function readImage(block: JsonObject, path: string): Part | undefined {
  const media = readSource(child(block, 'source'))
  return media === undefined ? undefined : { kind: 'image', media, path, ...readCache(block) }
}

function readDocument(block: JsonObject, path: string, report: TranslationReport): Part | undefined {
  if (child(block, 'citations')?.enabled === true) report.drop(`${path}.citations`)
  const media = readSource(child(block, 'source'))
  if (media === undefined) return undefined
  const described = present({ name: text(block, 'title'), context: text(block, 'context') })
  return { kind: 'file', media, path, ...described, ...readCache(block) }
}

const callMembers = new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller'])

function readToolUse(block: JsonObject, path: string, report: TranslationReport): Part {
  report.dropAll(unknownMembers(block, callMembers, path))
  if (hasIndirectCaller(block)) report.hint(`${path}.caller`)
  return {
    kind: 'tool-call',
    id: fromPlainId(text(block, 'id') ?? ''),
    name: text(block, 'name') ?? '',
    arguments: objectText(block, 'input') ?? '{}',
    path,
    ...readCache(block),
  }
}

/** Code at the provider called the tool, not the model itself: then the call is not the client's alone. */
export function hasIndirectCaller(block: JsonObject): boolean {
  const caller = child(block, 'caller')
  return caller !== undefined && caller.type !== 'direct'
}

function readToolResult(block: JsonObject, path: string, report: TranslationReport): ToolResultPart {
  return {
    kind: 'tool-result',
    id: fromPlainId(text(block, 'tool_use_id') ?? ''),
    parts: readBlocks(block.content, `${path}.content`, report),
    path,
    ...(block.is_error === true ? { failed: true } : {}),
    ...readCache(block),
  }
}

export function readThinkingBlock(block: JsonObject, path: string): ReasoningPart {
  const redacted = block.type === 'redacted_thinking'
  const value = text(block, redacted ? 'data' : 'signature')
  return {
    kind: 'reasoning',
    text: redacted ? '' : (text(block, 'thinking') ?? ''),
    path,
    ...(value === undefined || value === ''
      ? {}
      : { opaque: fromOpaqueField(value, 'anthropic', redacted ? 'encrypted' : 'signature') }),
  }
}

function readSource(source: JsonObject | undefined): Media | undefined {
  const mediaType = text(source, 'media_type')
  const data = text(source, 'data')
  if (source?.type === 'base64' && mediaType !== undefined && data !== undefined)
    return { kind: 'base64', mediaType, data }
  if (source?.type === 'text' && data !== undefined)
    return { kind: 'text', mediaType: mediaType ?? 'text/plain', text: data }
  const url = text(source, 'url')
  return source?.type === 'url' && url !== undefined ? { kind: 'url', url } : undefined
}

function readCitations(block: JsonObject, path: string, report: TranslationReport): Citation[] {
  const citations: Citation[] = []
  for (const [stated, index] of objects(block, 'citations')) {
    const place = `${path}.citations[${index}]`
    const citation = readCitation(stated, place)
    if (citation === undefined) report.drop(place)
    else citations.push(citation)
  }
  return citations
}

/** Only citations of addresses have words in other dialects; those of a document's pages or characters have none. */
export function readCitation(stated: JsonObject, path: string): Citation | undefined {
  const url = text(stated, 'url')
  if (stated.type !== 'web_search_result_location' || url === undefined) return undefined
  const { type: _, url: __, title, ...others } = stated
  const extra = Object.fromEntries(
    Object.entries(others).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
    ),
  )
  return {
    kind: 'url',
    url,
    path,
    ...(typeof title === 'string' ? { title } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}
