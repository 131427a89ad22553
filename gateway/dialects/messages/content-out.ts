import { parseJsonObject, Raw, type JsonTree } from '../json.ts'
import { textOf } from '../media.ts'
import type { Citation, FilePart, ImagePart, Part, ToolCallPart, ToolResultPart } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { argumentsOrEmpty, placesOf, toPlainId } from '../tools.ts'

type Block = Record<string, JsonTree>

/** Blocks of a request. Texts that are empty are left out: the API refuses them, and they say nothing. */
export function writeBlocks(parts: readonly Part[], report: TranslationReport): Block[] {
  return parts.flatMap((part): Block[] => {
    const block = writeBlock(part, report)
    if (block === undefined) return []
    const cache = 'cache' in part && part.cache !== undefined ? new Raw(part.cache) : undefined
    return [cache === undefined ? block : { ...block, cache_control: cache }]
  })
}

function writeBlock(part: Part, report: TranslationReport): Block | undefined {
  switch (part.kind) {
    case 'text':
      report.hintAll((part.citations ?? []).map((citation) => citation.path))
      return part.text === '' ? undefined : { type: 'text', text: part.text }
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text }
    case 'image':
      return writeImage(part, report)
    case 'file':
      return writeDocument(part, report)
    case 'tool-call':
      return writeToolUse(part, report)
    case 'tool-result':
      if (part.custom !== true) return writeToolResult(part, report)
      // Its call is not there to be answered.
      report.drop(part.path)
      return undefined
    case 'reasoning':
      // Anthropic accepts only what it has signed itself.
      if (part.opaque?.maker === 'anthropic') {
        return part.opaque.kind === 'encrypted'
          ? { type: 'redacted_thinking', data: part.opaque.value }
          : { type: 'thinking', thinking: part.text, signature: part.opaque.value }
      }
      report.hintAll(placesOf(part))
      return undefined
    default:
      report.drop(part.path)
      return undefined
  }
}

function writeImage(part: ImagePart, report: TranslationReport): Block | undefined {
  if (part.detail !== undefined && part.detail !== 'auto') report.hint(`${part.path}.detail`)
  if (part.media.kind === 'text') {
    report.drop(part.path)
    return undefined
  }
  const source =
    part.media.kind === 'url'
      ? { type: 'url', url: part.media.url }
      : { type: 'base64', media_type: part.media.mediaType, data: part.media.data }
  return { type: 'image', source }
}

function writeDocument(part: FilePart, report: TranslationReport): Block | undefined {
  const { media } = part
  if (media.kind === 'base64' && media.mediaType.startsWith('image/'))
    return { type: 'image', source: { type: 'base64', media_type: media.mediaType, data: media.data } }
  const written = textOf(media)
  const members = { title: part.name, context: part.context }
  if (written !== undefined)
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: written }, ...members }
  if (media.kind === 'url') return { type: 'document', source: { type: 'url', url: media.url }, ...members }
  if (media.kind === 'base64' && media.mediaType === 'application/pdf')
    return { type: 'document', source: { type: 'base64', media_type: media.mediaType, data: media.data }, ...members }
  report.drop(part.path)
  return undefined
}

/** `input` is an object; what a model wrote instead is kept as a text inside one and named. */
export function writeToolUse(part: ToolCallPart, report: TranslationReport): Block | undefined {
  if (part.custom === true) {
    report.drop(part.path)
    return undefined
  }
  const written = argumentsOrEmpty(part.arguments)
  const valid = parseJsonObject(written) !== undefined
  if (!valid) report.drop(`${part.path}.function.arguments`)
  return {
    type: 'tool_use',
    id: toPlainId(part.id),
    name: part.name,
    input: valid ? new Raw(written.trim()) : { invalid_json: written },
  }
}

function writeToolResult(part: ToolResultPart, report: TranslationReport): Block {
  const only = part.parts[0]
  const content =
    part.parts.length === 1 && only?.kind === 'text' && only.cache === undefined
      ? only.text
      : writeBlocks(
          part.parts.filter((inner) => inner.kind !== 'tool-call' && inner.kind !== 'reasoning'),
          report,
        )
  return {
    type: 'tool_result',
    tool_use_id: toPlainId(part.id),
    content,
    is_error: part.failed === true ? true : undefined,
  }
}

export function writeCitation(citation: Citation): Record<string, JsonTree> {
  return {
    type: 'web_search_result_location',
    url: citation.url,
    // The AI SDK wants a text where Anthropic's own type also takes null.
    title: citation.title ?? '',
    cited_text: '',
    encrypted_index: '',
    start_index: citation.start,
    end_index: citation.end,
    ...citation.extra,
  }
}
