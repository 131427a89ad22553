import { isObject, rawText, type JsonObject } from '../json.ts'
import { child, list, number, objects, text, unknownMembers } from '../members.ts'
import { fittingUsage } from '../usage.ts'
import type { Answer, Opaque, Part, Stop, Usage, WireError } from '../model.ts'
import type { TranslationReport } from '../report.ts'

const known = new Set([
  'candidates',
  'modelVersion',
  'responseId',
  'usageMetadata',
  'promptFeedback',
  'createTime',
  'error',
])
const candidateKnown = new Set([
  'content',
  'finishReason',
  'finishMessage',
  'index',
  'avgLogprobs',
  'tokenCount',
  'safetyRatings',
])

export function readGoogleAnswer(body: JsonObject, report: TranslationReport): Answer {
  report.dropAll(unknownMembers(body, known, ''))
  const candidates = [...objects(body, 'candidates')]
  const candidate = candidates[0]?.[0] ?? {}
  report.dropAll(candidates.slice(1).map(([, index]) => `candidates[${index}]`))
  report.dropAll(unknownMembers(candidate, candidateKnown, 'candidates[0]'))
  const id = text(body, 'responseId') ?? ''
  const parts: Part[] = []
  for (const [part, index] of objects(child(candidate, 'content'), 'parts'))
    parts.push(
      ...readGooglePart(
        part,
        `candidates[0].content.parts[${index}]`,
        callId(id, parts.filter((said) => said.kind === 'tool-call').length),
      ),
    )
  return {
    id,
    model: text(body, 'modelVersion') ?? '',
    created: readCreated(body),
    parts,
    stop: toStop(
      body,
      text(candidate, 'finishReason'),
      parts.some((part) => part.kind === 'tool-call'),
    ),
    usage: readGoogleUsage(child(body, 'usageMetadata')),
  }
}

/** When the answer was made, in seconds, where it says so. */
export function readCreated(body: JsonObject): number | undefined {
  const time = Date.parse(text(body, 'createTime') ?? '')
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

/** Older models give their calls no ids; the answer's own makes them unique in a conversation. */
export function callId(answerId: string, index: number): string {
  return `call_${answerId === '' ? '' : `${answerId.replaceAll(/[^a-zA-Z0-9_-]/g, '')}_`}${index}`
}

export function readGooglePart(part: JsonObject, path: string, id: string): Part[] {
  const value = text(part, 'thoughtSignature')
  const signature: Opaque | undefined = value === undefined ? undefined : { maker: 'google', kind: 'signature', value }
  const call = child(part, 'functionCall')
  if (call !== undefined) {
    return [
      {
        kind: 'tool-call',
        id: text(call, 'id') ?? id,
        name: text(call, 'name') ?? '',
        arguments: isObject(call.args) ? rawText(call.args) : '{}',
        path,
        ...(signature === undefined ? {} : { signature }),
      },
    ]
  }
  const signed: Part[] =
    signature === undefined
      ? []
      : [{ kind: 'reasoning', text: '', opaque: signature, path: `${path}.thoughtSignature` }]
  const picture = readPicture(part, path)
  if (picture !== undefined) return [...signed, picture]
  const said = text(part, 'text')
  if (said === undefined) return [...signed, { kind: 'foreign', type: Object.keys(part).join(' '), path }]
  if (part.thought === true)
    return [{ kind: 'reasoning', text: said, path, ...(signature === undefined ? {} : { opaque: signature }) }]
  return said === '' ? signed : [...signed, { kind: 'text', text: said, path }]
}

/** A generated picture. What the model draws while it thinks is no part of its answer. */
function readPicture(part: JsonObject, path: string): Part | undefined {
  const data = child(part, 'inlineData') ?? child(part, 'fileData')
  const mediaType = text(data, 'mimeType') ?? ''
  if (!mediaType.startsWith('image/') || part.thought === true) return undefined
  const bytes = text(data, 'data')
  const url = text(data, 'fileUri')
  if (bytes !== undefined) return { kind: 'image', media: { kind: 'base64', mediaType, data: bytes }, path }
  return url === undefined ? undefined : { kind: 'image', media: { kind: 'url', url }, path }
}

export function toStop(body: JsonObject, reason: string | undefined, called: boolean): Stop {
  const path = 'candidates[0].finishReason'
  if (child(body, 'promptFeedback')?.blockReason !== undefined)
    return { reason: 'refusal', path: 'promptFeedback.blockReason' }
  if (reason === 'MAX_TOKENS') return { reason: 'length', path }
  if (reason !== undefined && /SAFETY|RECITATION|BLOCKLIST|PROHIBITED|SPII|LANGUAGE/.test(reason))
    return { reason: 'refusal', path }
  return { reason: called ? 'tool' : 'end', path }
}

/** Thoughts are counted beside the candidates, results of provider-run tools beside the prompt; both are paid for. */
export function readGoogleUsage(usage: JsonObject | undefined): Usage | undefined {
  const prompt = number(usage, 'promptTokenCount')
  if (prompt === undefined) return undefined
  const thoughts = number(usage, 'thoughtsTokenCount')
  return fittingUsage({
    input: prompt + (number(usage, 'toolUsePromptTokenCount') ?? 0),
    output: (number(usage, 'candidatesTokenCount') ?? 0) + (thoughts ?? 0),
    cacheRead: number(usage, 'cachedContentTokenCount'),
    reasoning: thoughts,
  })
}

/** `{error: {code: 429, message, status: "RESOURCE_EXHAUSTED"}}`, also inside a list of one. */
export function readGoogleError(body: JsonObject): WireError | undefined {
  const error = child(body, 'error')
  if (error === undefined) return undefined
  const status = number(error, 'code')
  const word = text(error, 'status') ?? ''
  const type = types.find(([name]) => name === word)?.[1] ?? 'api_error'
  return {
    type,
    message: text(error, 'message') ?? '',
    code: word === '' ? null : word,
    ...(status === undefined ? {} : { status }),
  }
}

const types: ReadonlyArray<readonly [string, string]> = [
  ['INVALID_ARGUMENT', 'invalid_request_error'],
  ['FAILED_PRECONDITION', 'invalid_request_error'],
  ['UNAUTHENTICATED', 'authentication_error'],
  ['PERMISSION_DENIED', 'permission_error'],
  ['NOT_FOUND', 'not_found_error'],
  ['RESOURCE_EXHAUSTED', 'rate_limit_error'],
  ['UNAVAILABLE', 'overloaded_error'],
  ['DEADLINE_EXCEEDED', 'timeout_error'],
]

export function hasCandidates(body: JsonObject): boolean {
  return list(body, 'candidates').length > 0 || child(body, 'promptFeedback') !== undefined
}
