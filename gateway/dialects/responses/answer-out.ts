import { Raw, type JsonTree } from '../json.ts'
import type { Answer, Citation, Media, Opaque, Part, Stop, TextPart, Usage } from '../model.ts'
import { toOpaqueField } from '../opaque.ts'
import type { TranslationReport } from '../report.ts'
import { detachSignatures } from '../signatures.ts'
import { writeOpenAiUsage } from '../usage.ts'

/** What surrounds every answer; clients' types promise these members. */
export interface ResponseHead {
  readonly id: string
  readonly model: string
  readonly created?: number
  readonly serviceTier?: string
}

export function writeResponse(
  head: ResponseHead,
  status: string,
  members: Record<string, JsonTree>,
): Record<string, JsonTree> {
  return {
    id: head.id,
    object: 'response',
    created_at: head.created ?? 0,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: head.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    metadata: {},
    service_tier: head.serviceTier,
    usage: null,
    ...members,
  }
}

export function writeResponsesAnswer(answer: Answer, report: TranslationReport): JsonTree {
  const output: JsonTree[] = []
  for (const part of mergeTexts(detachSignatures(answer.parts))) {
    const item = writeItem(part, itemId(answer.id, part.kind, output.length), report)
    if (item !== undefined) output.push(item)
  }
  const { status, details } = toStatus(
    answer.stop,
    report,
    answer.parts.some((part) => part.kind === 'refusal'),
  )
  // An answer that says nothing is still one; without an item it would read as a failure.
  if (output.length === 0 && status === 'completed')
    output.push(writeMessage(itemId(answer.id, 'text', 0), writeText('', []), 'completed'))
  return writeResponse(answer, status, {
    output,
    incomplete_details: details,
    usage: answer.usage === undefined ? null : writeResponsesUsage(answer.usage),
  })
}

function writeItem(part: Part, id: string, report: TranslationReport): Record<string, JsonTree> | undefined {
  switch (part.kind) {
    case 'text':
      return part.text === ''
        ? undefined
        : writeMessage(id, writeText(part.text, part.citations ?? [], part.logprobs), 'completed')
    case 'refusal':
      return writeMessage(id, { type: 'refusal', refusal: part.text }, 'completed')
    case 'reasoning':
      return writeReasoning(id, part.text, part.opaque)
    case 'tool-call':
      return writeCall(id, part, part.arguments, 'completed')
    case 'image': {
      const item = writePicture(id, part.media)
      if (item === undefined) report.drop(part.path)
      return item
    }
    default:
      report.drop(part.path)
      return undefined
  }
}

/** This dialect knows a generated picture by its bytes only. */
export function writePicture(id: string, media: Media): Record<string, JsonTree> | undefined {
  if (media.kind !== 'base64') return undefined
  const format = media.mediaType.replace(/^image\//, '')
  return { type: 'image_generation_call', id, status: 'completed', output_format: format, result: media.data }
}

export function writeMessage(id: string, part: JsonTree, status: string): Record<string, JsonTree> {
  return { type: 'message', id, status, role: 'assistant', content: part === undefined ? [] : [part] }
}

export function writeText(text: string, citations: readonly Citation[], logprobs?: string): Record<string, JsonTree> {
  return {
    type: 'output_text',
    text,
    annotations: citations.map((citation) => writeAnnotation(citation, text.length)),
    logprobs: logprobs === undefined ? [] : new Raw(logprobs),
  }
}

export function writeAnnotation(citation: Citation, length: number): JsonTree {
  return {
    type: 'url_citation',
    url: citation.url,
    title: citation.title ?? '',
    start_index: citation.start ?? 0,
    end_index: citation.end ?? length,
    ...citation.extra,
  }
}

export function writeReasoning(id: string, text: string, opaque: Opaque | undefined): Record<string, JsonTree> {
  return {
    type: 'reasoning',
    id: opaque?.maker === 'openai' && opaque.id !== undefined ? opaque.id : id,
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    encrypted_content: opaque === undefined ? undefined : toOpaqueField(opaque, 'openai'),
  }
}

export function writeCall(
  id: string,
  call: { readonly id: string; readonly name: string; readonly custom?: boolean },
  written: string,
  status: string,
): Record<string, JsonTree> {
  return call.custom === true
    ? { type: 'custom_tool_call', id, status, call_id: call.id, name: call.name, input: written }
    : { type: 'function_call', id, status, call_id: call.id, name: call.name, arguments: written }
}

const prefixes: Partial<Record<Part['kind'], string>> = {
  text: 'msg',
  refusal: 'msg',
  reasoning: 'rs',
  'tool-call': 'fc',
  image: 'ig',
}

/** Ids are made from the answer's, so that the same answer is always the same bytes. */
export function itemId(answerId: string, kind: Part['kind'], index: number): string {
  return `${prefixes[kind] ?? 'item'}_${answerId.replaceAll(/[^a-zA-Z0-9]/g, '')}_${index}`
}

export function toStatus(
  stop: Stop,
  report: TranslationReport,
  refused: boolean,
): { status: string; details: JsonTree } {
  if (stop.sequence !== undefined) report.drop('stop_sequence')
  if (stop.reason === 'length' || stop.reason === 'window')
    return { status: 'incomplete', details: { reason: 'max_output_tokens' } }
  if (stop.reason === 'refusal' && !refused) return { status: 'incomplete', details: { reason: 'content_filter' } }
  if (stop.reason === 'pause') report.drop(stop.path)
  return { status: 'completed', details: null }
}

export function writeResponsesUsage(usage: Usage): JsonTree {
  return writeOpenAiUsage(usage, { input: 'input', output: 'output' })
}

/**
 * Texts in a row are one text here: a dialect that cites block by block would otherwise make a message of every block.
 */
export function mergeTexts(parts: readonly Part[]): Part[] {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (part.kind !== 'text') merged.push(part)
    else if (last?.kind !== 'text') merged.push(placed(part, 0))
    else merged[merged.length - 1] = join(last, placed(part, last.text.length))
  }
  return merged
}

function placed(part: TextPart, offset: number): TextPart {
  if (part.citations === undefined) return part
  return {
    ...part,
    citations: part.citations.map((citation) => ({
      ...citation,
      start: offset + (citation.start ?? 0),
      end: offset + (citation.end ?? part.text.length),
    })),
  }
}

function join(first: TextPart, second: TextPart): TextPart {
  const citations = [...(first.citations ?? []), ...(second.citations ?? [])]
  const logprobs = [first.logprobs, second.logprobs]
    .filter((list) => list !== undefined)
    .map((list) => list.trim().slice(1, -1))
    .filter((list) => list.trim() !== '')
  return {
    ...first,
    text: first.text + second.text,
    ...(citations.length === 0 ? {} : { citations }),
    ...(logprobs.length === 0 ? {} : { logprobs: `[${logprobs.join(',')}]` }),
  }
}
