import { Raw, type JsonTree } from '../json.ts'
import { textOf, toFileName, toUrl } from '../media.ts'
import type { FilePart, Media, Part, ToolCallPart } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { writeThoughtSignature } from './reasoning.ts'

export interface ChatContentOptions {
  readonly cacheControl: boolean
}

/** A message's `content`: a text where that says everything, else a list of parts. */
export function writeContent(parts: readonly Part[], report: TranslationReport, options: ChatContentOptions): JsonTree {
  const only = parts[0]
  if (parts.length === 1 && only?.kind === 'text' && (only.cache === undefined || !options.cacheControl)) {
    if (only.cache !== undefined) report.hint(`${only.path}.cache_control`)
    return only.text
  }
  const written: JsonTree[] = []
  for (const part of parts) {
    const item = writePart(part, report)
    if (item === undefined) continue
    const cache = 'cache' in part ? part.cache : undefined
    if (cache !== undefined && !options.cacheControl) report.hint(`${part.path}.cache_control`)
    written.push({ ...item, cache_control: cache !== undefined && options.cacheControl ? new Raw(cache) : undefined })
  }
  return written
}

function writePart(part: Part, report: TranslationReport): Record<string, JsonTree> | undefined {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return { type: 'image_url', image_url: { url: toUrl(part.media), detail: part.detail } }
    case 'file':
      return writeFile(part, report)
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    case 'refusal':
      return { type: 'refusal', refusal: part.text }
    default:
  }
  report.drop(part.path)
  return undefined
}

/** A picture that the model made (see readImage). */
export function writeImage(media: Media, index: number): JsonTree {
  return { type: 'image_url', image_url: { url: toUrl(media) }, index }
}

/** Chat takes PDFs, the bytes themselves only; a text is the message's own. */
function writeFile(part: FilePart, report: TranslationReport): Record<string, JsonTree> | undefined {
  const text = textOf(part.media)
  if (text !== undefined)
    return { type: 'text', text: [part.name, part.context, text].filter((words) => words !== undefined).join('\n\n') }
  if (part.context !== undefined) report.drop(`${part.path}.context`)
  if (part.media.kind !== 'url')
    return { type: 'file', file: { filename: toFileName(part.name, part.media), file_data: toUrl(part.media) } }
  report.drop(part.path)
  return undefined
}

/** `signed`: whether the reader knows what stands beside a call for a maker of reasoning. */
export function writeToolCall(part: ToolCallPart, signed = true): Record<string, JsonTree> {
  return {
    id: part.id,
    type: part.custom === true ? 'custom' : 'function',
    function: part.custom === true ? undefined : { name: part.name, arguments: part.arguments },
    custom: part.custom === true ? { name: part.name, input: part.arguments } : undefined,
    extra_content: signed && part.signature?.maker === 'google' ? writeThoughtSignature(part.signature) : undefined,
  }
}
