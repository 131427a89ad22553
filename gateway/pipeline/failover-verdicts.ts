/** What the end of one call says of the deployment that was asked. */
import type { AnswerHeaders } from './headers.ts'
import { readHeader } from './relay/answer-headers.ts'
import { toRefusal } from './relay/upstream-fault.ts'

/**
 * `answer`: it goes to the caller, an error that the caller has made included. `busy`: the deployment is well, but
 * wants to be left alone. `failed`: it cannot serve this, now or as it is set up; another may.
 */
export type StatusVerdict = 'answer' | 'busy' | 'failed'

/** A wrong key, a missing right or an unknown model are the operator's faults, not the caller's. */
const failed = new Set([401, 402, 403, 404, 408, 500, 502, 503, 504, 529])

/** Cloudflare's own errors in front of a server are 520 to 530. */
export function judgeStatus(status: number): StatusVerdict {
  if (status === 429) return 'busy'
  return failed.has(status) || (status >= 520 && status <= 530) ? 'failed' : 'answer'
}

/**
 * `caller`: asked again, it would go wrong again, whoever is asked. `unreached`: no connection came about, so nothing of
 * the request has gone out. What kind of error it is, is told in one place, for the caller's sake.
 */
export function judgeError(error: Error): 'caller' | 'unreached' | 'broken' {
  const { code } = toRefusal(error)
  if (code === 'body_too_large' || code === 'invalid_request') return 'caller'
  return code === 'upstream_unreachable' ? 'unreached' : 'broken'
}

/** undici's own error names the connection, which has brought answers before. */
export function isReusedConnection(error: Error & { code?: string; socket?: { bytesRead?: number } | null }): boolean {
  return error.code === 'UND_ERR_SOCKET' && (error.socket?.bytesRead ?? 0) > 0
}

/** A limit that says nothing of its end is usually one of a minute's. */
const unstatedWaitMs = 10_000

/** Milliseconds. OpenAI's clients read `retry-after-ms` first; `retry-after` is seconds or a date (RFC 9110 10.2.3). */
export function readRetryAfter(headers: AnswerHeaders): number {
  const exact = Number(readHeader(headers, 'retry-after-ms') ?? Number.NaN)
  if (exact >= 0) return exact
  const text = readHeader(headers, 'retry-after')
  if (text === null) return unstatedWaitMs
  const seconds = Number(text)
  if (seconds >= 0) return seconds * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? unstatedWaitMs : Math.max(0, date - Date.now())
}
