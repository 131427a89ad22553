/**
 * What an ending without an answer does to a success rate: the one table of it, for every wire and provider. The
 * provider's code decides before the status does, because servers put their errors into a 200, a stream or a choice,
 * too. Pure.
 */
import type { AnswerFailureWords, Verdict } from '../../../db/words/outcome.ts'

export interface EndingRule {
  /** The reason's code. */
  code: string
  verdict: Verdict
  /** In words for people. */
  message: string
  score: number | null
  confidence: number
  says?: RegExp
  statuses?: readonly (readonly [number, number])[]
}

/** The first that fits counts. `says` is tried on the code and the words in lower case. */
const endings: readonly EndingRule[] = [
  {
    code: 'refusal',
    verdict: 'failure',
    message: "the provider's filter declined it",
    score: 0,
    confidence: 0.95,
    says: /content[_ -]?(?:filter|policy|management|moderation)|responsible_?ai|safety (?:system|reason|filter|setting)|image_safety|flagged as|usage polic|invalid_prompt|prohibited_content|blocklist|moderation_blocked|data_?inspection_?failed|sensitive_words|(?:output|input|prompt|response|content) (?:was |were |has been )?blocked|recitation/,
  },
  {
    code: 'invalid_arguments',
    verdict: 'failure',
    message: 'the model wrote a tool call that nobody can read',
    score: 0.1,
    confidence: 0.9,
    says: /malformed_(?:function|tool)_call|tool_use_failed|failed to call a function|too_many_tool_calls/,
  },
  {
    code: 'unknown_tool',
    verdict: 'failure',
    message: 'it calls a tool that it was not given',
    score: 0.1,
    confidence: 0.9,
    says: /unexpected_tool_call/,
  },
  {
    code: 'invalid_json',
    verdict: 'failure',
    message: 'the answer is not the JSON that was asked for',
    score: 0.1,
    confidence: 0.9,
    says: /json_validate_failed|failed to (?:generate|validate) json/,
  },
  {
    code: 'empty',
    verdict: 'failure',
    message: 'no picture came',
    score: 0,
    confidence: 0.85,
    says: /^no_image|^image_other/,
  },
  {
    code: 'caller_key',
    verdict: 'none',
    message: "the provider did not accept the key: not the prompt's doing",
    score: null,
    confidence: 0.95,
    says: /^(?:401|403)$|invalid_api_key|authentication|unauthenticated|permission_?(?:error|denied)|forbidden/,
    statuses: [
      [401, 401],
      [403, 403],
    ],
  },
  {
    code: 'too_big',
    verdict: 'none',
    message: "the request was too long for the model: not the prompt's doing",
    score: null,
    confidence: 0.8,
    says: /context_length|context window|maximum context|prompt is too long|too many tokens|request_too_large|string_above_max_length|input is too long|token count.{0,40}exceeds/,
    statuses: [[413, 413]],
  },
  {
    code: 'limited',
    verdict: 'none',
    message: "a limit or a budget at the provider: not the prompt's doing",
    score: null,
    confidence: 0.95,
    says: /^(?:429|402)$|rate_?limit|resource_exhausted|quota|insufficient_(?:balance|quota|credits)|billing|too many requests|throttl/,
    statuses: [
      [402, 402],
      [429, 429],
    ],
  },
  {
    code: 'not_there',
    verdict: 'none',
    message: "the provider does not have the model or the address: not the prompt's doing",
    score: null,
    confidence: 0.95,
    says: /^404$|not_found|model_not_found|does not exist/,
    statuses: [
      [404, 405],
      [410, 410],
    ],
  },
  {
    code: 'caller_request',
    verdict: 'none',
    message: "the caller's request does not fit the provider: not the prompt's doing",
    score: null,
    confidence: 0.8,
    statuses: [[400, 499]],
  },
  {
    code: 'provider_error',
    verdict: 'none',
    message: "the provider failed: not the prompt's doing",
    score: null,
    confidence: 0.95,
    statuses: [[500, 599]],
  },
]

/** `null` = no rule fits: nothing is known but that it failed. */
export function findEnding(httpStatus: number | null, failure: AnswerFailureWords | null): EndingRule | null {
  const code = failure?.code.toLowerCase() ?? ''
  const words = failure?.message.slice(0, 2_000).toLowerCase() ?? ''
  const stated = failure === null ? undefined : endings.find(({ says }) => says?.test(code) || says?.test(words))
  if (stated !== undefined) return stated
  // An error inside of a 2xx has no status of its own that would tell whose it is.
  return endings.find(({ statuses = [] }) => statuses.some(([low, high]) => isWithin(httpStatus, low, high))) ?? null
}

function isWithin(status: number | null, low: number, high: number): boolean {
  return status !== null && status >= low && status <= high
}
