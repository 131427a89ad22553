import { isObject, rawText, type JsonObject, type JsonValue } from '../json.ts'
import { child, objects, text, unknownMembers } from '../members.ts'
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

// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function readBlock(block: JsonObject, path: string, report: TranslationReport): Part {
  const cache = isObject(block.cache_control) ? { cache: rawText(block.cache_control) } : {}
  switch (block.type) {
    case 'text': {
      const citations = readCitations(block, path, report)
      return {
        kind: 'text',
        text: text(block, 'text') ?? '',
        path,
        ...cache,
        ...(citations.length === 0 ? {} : { citations }),
      }
    }
    case 'thinking':
    case 'redacted_thinking':
      return readThinkingBlock(block, path)
    case 'image': {
      const media = readSource(child(block, 'source'))
      if (media !== undefined) return { kind: 'image', media, path, ...cache }
      break
    }
    case 'document': {
      const media = readSource(child(block, 'source'))
      const name = text(block, 'title')
      const context = text(block, 'context')
      if (child(block, 'citations')?.enabled === true) report.drop(`${path}.citations`)
      if (media !== undefined)
        return {
          kind: 'file',
          media,
          path,
          ...(name === undefined ? {} : { name }),
          ...(context === undefined ? {} : { context }),
          ...cache,
        }
      break
    }
    case 'tool_use': {
      const { input } = block
      // Who called the tool matters only where the provider runs code: then the call is not the client's alone.
      for (const member of unknownMembers(
        block,
        new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller']),
        path,
      ))
        report.drop(member)
      if (child(block, 'caller') !== undefined && child(block, 'caller')?.type !== 'direct')
        report.hint(`${path}.caller`)
      return {
        kind: 'tool-call',
        id: fromPlainId(text(block, 'id') ?? ''),
        name: text(block, 'name') ?? '',
        arguments: isObject(input) ? rawText(input) : '{}',
        path,
        ...cache,
      }
    }
    case 'tool_result':
      return { ...readToolResult(block, path, report), ...cache }
  }
  return { kind: 'foreign', type: typeof block.type === 'string' ? block.type : 'block', path }
}

function readToolResult(block: JsonObject, path: string, report: TranslationReport): ToolResultPart {
  return {
    kind: 'tool-result',
    id: fromPlainId(text(block, 'tool_use_id') ?? ''),
    parts: readBlocks(block.content, `${path}.content`, report),
    path,
    ...(block.is_error === true ? { failed: true } : {}),
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
