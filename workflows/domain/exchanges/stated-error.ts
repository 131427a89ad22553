/**
 * The error that a body states, in the many shapes that providers and servers write it, with the HTTP status that its
 * words stand for. Pure.
 */
import { asArray, asObject, asText, type JsonObject } from '../json/json.ts'

export interface AnswerFailure {
  /** The provider's own code or word where it states one. */
  code: string
  message: string
  /** What the provider would have answered had it said so in HTTP; 502 where nothing tells. */
  httpStatus: number
}

export const unstatedStatus = 502

/** Words without a number beside them. Those of the server's own faults are left to `unstatedStatus`. */
const statusByWord: ReadonlyArray<readonly [RegExp, number]> = [
  [/quota|rate_limit|too_many_requests|resource_exhausted|throttl|^requests$|^tokens$/, 429],
  [/billing|insufficient_balance|payment/, 402],
  [/permission|forbidden/, 403],
  [/auth|api_key/, 401],
  [/not_found/, 404],
  [/too_large/, 413],
  [/timeout|deadline/, 504],
  [/overload|engine_busy/, 529],
  [/unavailable/, 503],
  [/^invalid|bad_request|unsupported|content_filter|context_length|failed_precondition/, 400],
]

/** `{error: …}` as an object or a text, beside an answer or instead of one; MiniMax's `base_resp`. */
export function readStatedError(body: JsonObject | null): AnswerFailure | null {
  if (body === null) return null
  const error = asObject(body.error)
  if (error !== null && Object.keys(error).length > 0) return fromMembers(error)
  if (typeof body.error === 'string' && body.error !== '') return fromMembers({ ...body, message: body.error })
  if (body.error === true) return fromMembers(body)
  const base = asObject(body.base_resp)
  if (base !== null && typeof base.status_code === 'number' && base.status_code !== 0)
    return fromMembers({ code: base.status_code, message: base.status_msg })
  return null
}

/** The members of an error without an object around them: of a body that is no answer. */
export function readBareError(body: JsonObject | null): AnswerFailure | null {
  if (body === null) return null
  const message = readMessage(body)
  return message === null ? null : fromMembers({ ...body, message })
}

function readMessage(body: JsonObject): string | null {
  const first = asObject(asArray(body.errors)[0]) ?? asObject(asArray(body.detail)[0])
  return (
    asText(body.message) ??
    asText(body.detail) ??
    asText(body.msg) ??
    asText(body.error_msg) ??
    asText(first?.message) ??
    asText(first?.msg)
  )
}

function fromMembers(error: JsonObject): AnswerFailure {
  const code = codeText(error.code) ?? codeText(error.status_code) ?? asText(error.status)
  const type = asText(error.type)
  const words = [code, type, asText(error.status)].filter((word) => word !== null && word !== 'error')
  return {
    code: code ?? words[0] ?? 'error',
    message: readMessage(error) ?? JSON.stringify(error),
    httpStatus:
      [error.code, error.status_code, error.statusCode, error.status, error.http_code]
        .map(toHttpStatus)
        .find((status) => status !== null) ??
      words.map((word) => statusOfWord(String(word))).find((status) => status !== null) ??
      unstatedStatus,
  }
}

function codeText(code: unknown): string | null {
  if (typeof code === 'number') return String(code)
  return code === '' ? null : asText(code)
}

/** A status as a number, or as the digits of one. */
function toHttpStatus(value: unknown): number | null {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) < 600 ? (status as number) : null
}

function statusOfWord(word: string): number | null {
  const plain = word.toLowerCase().replaceAll(/[\s-]/g, '_')
  return statusByWord.find(([pattern]) => pattern.test(plain))?.[1] ?? null
}
