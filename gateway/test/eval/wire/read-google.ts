import {
  count,
  items,
  mediaBytes,
  parseKept,
  record,
  sseEvents,
  string,
  type AnswerReading,
  type Kept,
  type Said,
} from './reading.ts'

/** Google's answers, whole or in partial answers that follow one another. */
export function readGoogleAnswer(body: string): AnswerReading {
  return readParts([record(parseKept(body))], false)
}

export function readGoogleStream(text: string): AnswerReading {
  const { events, damaged } = sseEvents(text)
  return readParts(events, damaged)
}

const types: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: 'invalid_request_error',
  FAILED_PRECONDITION: 'invalid_request_error',
  UNAUTHENTICATED: 'authentication_error',
  PERMISSION_DENIED: 'permission_error',
  NOT_FOUND: 'not_found_error',
  RESOURCE_EXHAUSTED: 'rate_limit_error',
  UNAVAILABLE: 'overloaded_error',
  DEADLINE_EXCEEDED: 'timeout_error',
}

function readParts(answers: ReadonlyArray<Record<string, Kept>>, damaged: boolean): AnswerReading {
  const said: Said[] = []
  let reason: string | undefined
  let usage: Record<string, Kept> = {}
  let error: AnswerReading['error']
  let place = 0
  for (const answer of answers) {
    const stated = record(answer.error)
    if ('message' in stated)
      error = { type: types[string(stated.status) ?? ''] ?? 'api_error', message: string(stated.message) ?? '' }
    const candidate = record(items(answer.candidates)[0])
    if (/MALFORMED|UNEXPECTED|NO_IMAGE|OTHER/.test(string(candidate.finishReason) ?? ''))
      error ??= { type: 'api_error', message: string(candidate.finishMessage) ?? '' }
    for (const part of items(record(candidate.content).parts).map(record))
      said.push(...readPart(part, `candidates[0].content.parts[${place++}]`))
    reason = string(candidate.finishReason) ?? reason
    if ('usageMetadata' in answer) usage = record(answer.usageMetadata)
  }
  const stop =
    reason === undefined
      ? undefined
      : reason === 'STOP'
        ? said.some((part) => part.kind === 'tool')
          ? 'tool'
          : 'end'
        : reason === 'MAX_TOKENS'
          ? 'length'
          : 'refusal'
  const thoughts = count(usage.thoughtsTokenCount) ?? 0
  const input = count(usage.promptTokenCount)
  return {
    said,
    stop: damaged || error !== undefined ? undefined : stop,
    usage:
      input === undefined
        ? undefined
        : {
            input: input + (count(usage.toolUsePromptTokenCount) ?? 0),
            output: (count(usage.candidatesTokenCount) ?? 0) + thoughts,
            cacheRead: count(usage.cachedContentTokenCount) ?? 0,
            cacheWrite: 0,
            reasoning: thoughts,
          },
    error,
  }
}

function readPart(part: Record<string, Kept>, path: string): Said[] {
  const signature = string(part.thoughtSignature)
  const proof: Said[] = signature === undefined ? [] : [{ kind: 'proof', value: signature, path }]
  const call = record(part.functionCall)
  if ('name' in call)
    return [{ kind: 'tool', value: `${string(call.name)} ${JSON.stringify(call.args ?? {})}`, path }, ...proof]
  const data = record(part.inlineData)
  const type = string(data.mimeType) ?? ''
  if (type.startsWith('image/') && part.thought !== true)
    return [...proof, { kind: 'image', value: mediaBytes(type, string(data.data) ?? ''), path }]
  const text = string(part.text)
  if (text === undefined) return [{ kind: 'foreign', value: Object.keys(part).join(' '), path }]
  return [
    ...(text === '' ? [] : [{ kind: part.thought === true ? 'reasoning' : 'text', value: text, path } as const]),
    ...proof,
  ]
}
