import { toAnthropicMessage, withContextLimit } from './context-limit.ts'
import { isObject, type JsonObject, type JsonTree, type JsonValue } from './json.ts'
import { child, number, text } from './members.ts'
import type { AnswerFailure } from '../../workflows/domain/exchanges/answer-failure.ts'
import type { WireError } from './model.ts'

/**
 * Anthropic's error types are a closed list, each with its status; OpenAI's are open words, so another maker's word
 * stays as it is.
 */
const anthropicTypes: ReadonlyArray<readonly [string, number]> = [
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]

/** OpenAI words without a status beside them: an error inside a stream. */
const statusByWord: ReadonlyArray<readonly [RegExp, number]> = [
  [/quota|rate_limit|^requests$|^tokens$/, 429],
  [/auth|api_key/, 401],
  [/permission|forbidden/, 403],
  [/not_found/, 404],
  [/overload|unavailable/, 529],
  [/timeout/, 504],
  [/server|internal/, 500],
  [/invalid|bad_request|unsupported|content_filter/, 400],
]

export function toAnthropicErrorType(error: WireError): string {
  if (anthropicTypes.some(([type]) => type === error.type)) return error.type
  const word = `${error.type} ${error.code ?? ''}`
  const status =
    error.status !== undefined && error.status >= 400
      ? error.status
      : statusByWord.find(([pattern]) => pattern.test(word))?.[1]
  if (status === undefined) return 'api_error'
  const exact = anthropicTypes.find(([, known]) => known === status)
  if (exact !== undefined) return exact[0]
  if (status === 503) return 'overloaded_error'
  return status >= 500 ? 'api_error' : 'invalid_request_error'
}

/** What makes a body an answer, so that a message beside it is none of an error's. */
const answerMembers = ['choices', 'content', 'output', 'candidates']

/**
 * `{error: {message, type, param, code}}`, and what compatible servers make of it: a text, a number as code, or its
 * members without the object around them.
 */
export function readOpenAiError(body: JsonObject): WireError | undefined {
  const stated: JsonValue | undefined = body.error
  // xAI says its word as code beside the text.
  if (typeof stated === 'string') return { type: text(body, 'type') ?? 'api_error', message: stated, ...codeOf(body) }
  if (!isObject(stated)) return readBareError(body)
  const status = number(stated, 'status_code') ?? (typeof stated.code === 'number' ? stated.code : undefined)
  return {
    type: text(stated, 'type') ?? text(stated, 'status')?.toLowerCase() ?? text(stated, 'code') ?? 'api_error',
    message: text(stated, 'message') ?? JSON.stringify(stated),
    ...codeOf(stated),
    ...(status === undefined ? {} : { status }),
  }
}

/**
 * Bedrock, Cohere and Portkey say `{message}`, Azure's front `{statusCode, message}`, older vLLM `{object: "error",
 * message, type, code}`, FastAPI `{detail}`.
 */
function readBareError(body: JsonObject): WireError | undefined {
  if (answerMembers.some((member) => body[member] !== undefined)) return undefined
  const message =
    text(body, 'message') ?? text(body, 'detail') ?? readDetails(body.detail ?? child(body, 'message')?.detail)
  if (message === undefined) return undefined
  const type = text(body, 'type')
  const status = number(body, 'statusCode') ?? (typeof body.code === 'number' ? body.code : undefined)
  return {
    type: type === undefined || type === 'error' ? 'api_error' : type,
    message,
    ...codeOf(body),
    ...(status === undefined ? {} : { status }),
  }
}

/** What a validation found wrong: `[{loc: ["body", "tools", 0], msg}]`. */
function readDetails(details: JsonValue | undefined): string | undefined {
  if (!Array.isArray(details)) return undefined
  const told = details.flatMap((detail) =>
    isObject(detail) && typeof detail.msg === 'string'
      ? [`${Array.isArray(detail.loc) ? `${detail.loc.join('.')}: ` : ''}${detail.msg}`]
      : [],
  )
  return told.length === 0 ? undefined : told.join('; ')
}

/** An error without a type gets its type from the HTTP status. */
export function withStatus(error: WireError, status: number): WireError {
  if (status < 400) return withContextLimit(error)
  const type =
    error.type === 'api_error' && status < 500 ? toAnthropicErrorType({ ...error, type: '', status }) : error.type
  return withContextLimit({ ...error, status, type })
}

export function writeOpenAiError(error: WireError): JsonTree {
  return { error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code ?? null } }
}

/** `code` and `param` are OpenAI's; Anthropic's clients ignore them, people reading the error do not. */
export function writeAnthropicError(error: WireError): JsonTree {
  return {
    type: 'error',
    error: {
      type: toAnthropicErrorType(error),
      message: toAnthropicMessage(error),
      code: error.code ?? undefined,
      param: error.param ?? undefined,
    },
  }
}

export function readAnthropicError(body: JsonObject): WireError | undefined {
  const error = child(body, 'error')
  if (body.type !== 'error' || error === undefined) return undefined
  return { type: text(error, 'type') ?? 'api_error', message: text(error, 'message') ?? '', ...codeOf(error) }
}

/** An upstream that closed before it said that the answer was complete. */
export const truncatedError: WireError = {
  type: 'api_error',
  message: 'The upstream closed the stream before the answer was complete.',
  code: 'upstream_truncated',
}

/** Neither an answer nor an error of the upstream's dialect. */
export const unreadableCode = 'upstream_unreadable'

export function unreadableError(what: string): WireError {
  return { type: 'api_error', message: `The upstream sent ${what}.`, code: unreadableCode }
}

/** A failure of an answer, in the upstream's own words where `stated` has them. */
export function toWireError({ code, message, httpStatus }: AnswerFailure, stated: WireError | undefined): WireError {
  return withStatus(stated ?? { type: 'api_error', message, code }, httpStatus)
}

function codeOf(error: JsonObject): { code?: string; param?: string } {
  const code = typeof error.code === 'number' ? String(error.code) : text(error, 'code')
  const param = text(error, 'param')
  return { ...(code === undefined ? {} : { code }), ...(param === undefined ? {} : { param }) }
}
