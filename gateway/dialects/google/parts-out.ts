import { parseJsonObject, Raw, type JsonTree } from '../json.ts'
import type { FilePart, ImagePart, Part, ToolCallPart, ToolResultPart } from '../model.ts'
import type { TranslationReport } from '../report.ts'
import { argumentsOrEmpty, placesOf, plainText } from '../tools.ts'

/** A part of Gemini's `contents`. */
export type WrittenPart = Record<string, JsonTree>

export interface PartWriting {
  /** Results name their function here, not their call: id of a call → its function. */
  readonly names: ReadonlyMap<string, string>
  /** Whether pictures and documents of a tool's result stand inside it; else they follow. */
  readonly mediaInResults: boolean
}

export function writeParts(parts: readonly Part[], writing: PartWriting, report: TranslationReport): WrittenPart[] {
  const written: WrittenPart[] = []
  /** What a result returned beside its text; behind all results, because those stand together. */
  const beside: WrittenPart[] = []
  /** A signature that stood beside a text comes back beside the next part. */
  let signature: string | undefined
  for (const part of parts) {
    if ('cache' in part && part.cache !== undefined) report.hint(`${part.path}.cache_control`)
    if (part.kind === 'reasoning') {
      if (part.opaque?.maker === 'google' && part.text === '') signature = part.opaque.value
      else report.hintAll(placesOf(part))
      continue
    }
    const made = part.kind === 'tool-result' ? writeResult(part, writing, beside, report) : writePart(part, report)
    if (made === undefined) continue
    written.push({ ...made, thoughtSignature: made.thoughtSignature ?? signature })
    signature = undefined
  }
  const last = written.at(-1)
  if (signature !== undefined && last !== undefined) last.thoughtSignature ??= signature
  return [...written, ...beside]
}

function writePart(
  part: Exclude<Part, { kind: 'reasoning' | 'tool-result' }>,
  report: TranslationReport,
): WrittenPart | undefined {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text === '' ? undefined : { text: part.text }
    case 'image':
    case 'file':
      return writeMedia(part)
    case 'audio':
      return { inlineData: { mimeType: `audio/${part.format}`, data: part.data } }
    case 'tool-call':
      return writeCall(part, report)
    default:
      report.drop(part.path)
      return undefined
  }
}

function writeCall(part: ToolCallPart, report: TranslationReport): WrittenPart {
  const stated = argumentsOrEmpty(part.arguments)
  const valid = parseJsonObject(stated) !== undefined
  if (!valid || part.custom === true) report.drop(part.path)
  return {
    functionCall: {
      id: part.id,
      name: part.name,
      args: valid ? new Raw(stated.trim()) : { invalid_json: stated },
    },
    thoughtSignature: part.signature?.maker === 'google' ? part.signature.value : undefined,
  }
}

function writeResult(
  part: ToolResultPart,
  { names, mediaInResults }: PartWriting,
  beside: WrittenPart[],
  report: TranslationReport,
): WrittenPart {
  if (part.failed === true) report.hint(`${part.path}.is_error`)
  const inside: WrittenPart[] = []
  for (const inner of part.parts) {
    if (inner.kind === 'text') continue
    if (inner.kind !== 'image' && inner.kind !== 'file') report.drop(inner.path)
    else if (mediaInResults) inside.push(writeMedia(inner))
    else {
      beside.push(writeMedia(inner))
      report.hint(inner.path)
    }
  }
  return {
    functionResponse: {
      id: part.id,
      name: names.get(part.id) ?? part.id,
      response: writeResponse(plainText(part.parts.filter((inner) => inner.kind === 'text')) ?? ''),
      parts: inside.length === 0 ? undefined : inside,
    },
  }
}

/** A result is an object here; any other text becomes one member of it, the one Google's own libraries use. */
function writeResponse(text: string): JsonTree {
  return parseJsonObject(text) === undefined ? { result: text } : new Raw(text.trim())
}

function writeMedia({ media }: ImagePart | FilePart): WrittenPart {
  if (media.kind === 'url') return { fileData: { fileUri: media.url } }
  if (media.kind === 'base64') return { inlineData: { mimeType: media.mediaType, data: media.data } }
  return { inlineData: { mimeType: media.mediaType, data: Buffer.from(media.text, 'utf8').toString('base64') } }
}
