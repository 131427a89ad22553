import { isObject, rawText, type JsonObject, type JsonValue } from '../json.ts'
import { child, objects, text, unknownMembers } from '../members.ts'
import { toMedia } from '../media.ts'
import type { Citation, Part, ReasoningPart, ToolCallPart } from '../model.ts'
import { fromOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { argumentsOrEmpty } from '../tools.ts'
import { readAnnotation } from '../chat/content-in.ts'

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

// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function readContentPart(part: JsonObject, path: string, report: TranslationReport): Part {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text': {
      const citations = readOutputAnnotations(part, path, report)
      const logprobs =
        Array.isArray(part.logprobs) && part.logprobs.length > 0 ? { logprobs: rawText(part.logprobs) } : {}
      return {
        kind: 'text',
        text: text(part, 'text') ?? '',
        path,
        ...(citations.length === 0 ? {} : { citations }),
        ...logprobs,
      }
    }
    case 'refusal':
      return { kind: 'refusal', text: text(part, 'refusal') ?? '', path }
    case 'input_image': {
      const url = text(part, 'image_url')
      const detail = text(part, 'detail')
      if (url !== undefined)
        return { kind: 'image', media: toMedia(url), path, ...(detail === undefined ? {} : { detail }) }
      break
    }
    case 'input_file': {
      const data = text(part, 'file_data') ?? text(part, 'file_url')
      const name = text(part, 'filename')
      if (data !== undefined)
        return {
          kind: 'file',
          media: toMedia(data),
          path,
          ...(name === undefined ? {} : { name, namePath: `${path}.filename` }),
        }
      break
    }
    case 'input_audio': {
      const audio = child(part, 'input_audio')
      const data = text(audio, 'data')
      if (data !== undefined) return { kind: 'audio', data, format: text(audio, 'format') ?? 'wav', path }
      break
    }
  }
  return { kind: 'foreign', type: typeof part.type === 'string' ? part.type : 'part', path }
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
