/**
 * Every error that Sinew itself answers, in one table: its status, its type in each dialect, and what the caller can
 * do. An upstream's own error never comes by here: it passes byte for byte.
 */
export interface ErrorFacts {
  status: number
  openai: { type: string; code: string | null }
  anthropic: { type: string }
  /** Told in `retry-after`; only where trying again later can help. */
  retryAfterSeconds?: number
}

const invalid = 'invalid_request_error'

export const errorTable = {
  invalid_json: { status: 400, openai: { type: invalid, code: 'invalid_json' }, anthropic: { type: invalid } },
  body_too_deep: { status: 400, openai: { type: invalid, code: 'body_too_deep' }, anthropic: { type: invalid } },
  missing_model: { status: 400, openai: { type: invalid, code: 'missing_model' }, anthropic: { type: invalid } },
  invalid_field: { status: 400, openai: { type: invalid, code: 'invalid_field' }, anthropic: { type: invalid } },
  invalid_request: { status: 400, openai: { type: invalid, code: 'invalid_request' }, anthropic: { type: invalid } },
  untranslatable: { status: 400, openai: { type: invalid, code: 'untranslatable' }, anthropic: { type: invalid } },
  invalid_key: {
    status: 401,
    openai: { type: invalid, code: 'invalid_api_key' },
    anthropic: { type: 'authentication_error' },
  },
  origin_not_allowed: {
    status: 403,
    openai: { type: invalid, code: 'origin_not_allowed' },
    anthropic: { type: 'permission_error' },
  },
  unknown_model: {
    status: 404,
    openai: { type: invalid, code: 'model_not_found' },
    anthropic: { type: 'not_found_error' },
  },
  unknown_provider: {
    status: 404,
    openai: { type: invalid, code: 'unknown_provider' },
    anthropic: { type: 'not_found_error' },
  },
  unknown_endpoint: {
    status: 404,
    openai: { type: invalid, code: 'unknown_url' },
    anthropic: { type: 'not_found_error' },
  },
  body_too_large: {
    status: 413,
    openai: { type: invalid, code: 'body_too_large' },
    anthropic: { type: 'request_too_large' },
  },
  unsupported_encoding: {
    status: 415,
    openai: { type: invalid, code: 'unsupported_encoding' },
    anthropic: { type: invalid },
  },
  upgrade_required: { status: 426, openai: { type: invalid, code: 'upgrade_required' }, anthropic: { type: invalid } },
  internal: { status: 500, openai: { type: 'server_error', code: 'internal' }, anthropic: { type: 'api_error' } },
  upstream_unreachable: {
    status: 502,
    openai: { type: 'server_error', code: 'upstream_unreachable' },
    anthropic: { type: 'api_error' },
  },
  upstream_closed: {
    status: 502,
    openai: { type: 'server_error', code: 'upstream_closed' },
    anthropic: { type: 'api_error' },
  },
  upstream_unreadable: {
    status: 502,
    openai: { type: 'server_error', code: 'upstream_unreadable' },
    anthropic: { type: 'api_error' },
  },
  /** The answer had begun: it is told inside the stream, and the status is the one already sent. */
  upstream_cut: {
    status: 502,
    openai: { type: 'server_error', code: 'upstream_cut' },
    anthropic: { type: 'api_error' },
  },
  journal_full: {
    status: 503,
    openai: { type: 'server_error', code: 'journal_full' },
    anthropic: { type: 'overloaded_error' },
    retryAfterSeconds: 5,
  },
  overloaded: {
    status: 503,
    openai: { type: 'server_error', code: 'overloaded' },
    anthropic: { type: 'overloaded_error' },
    retryAfterSeconds: 1,
  },
  upstream_timeout: {
    status: 504,
    openai: { type: 'server_error', code: 'upstream_timeout' },
    anthropic: { type: 'timeout_error' },
  },
} as const satisfies Record<string, ErrorFacts>

export type ErrorCode = keyof typeof errorTable

/**
 * An answer of Sinew's own: its code, a sentence for the caller, and the member of the body that is wrong, if one is.
 */
export interface Refusal {
  code: ErrorCode
  message: string
  param: string | null
  /** Words for programs, in the error's `details` where its dialect has such a member. */
  details?: Readonly<Record<string, string>>
}

export function refuse(code: ErrorCode, message: string, param: string | null = null): Refusal {
  return { code, message, param }
}

export function factsOf(code: ErrorCode): ErrorFacts {
  return errorTable[code]
}
