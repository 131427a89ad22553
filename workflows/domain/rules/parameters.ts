/**
 * Parameters of the three wire formats, as their documentation bounds them, and the reading of numbers, texts and
 * lists.
 */
import type { Wire } from '../../../db/words/wire.ts'

/** Answers what is wrong with the value of a member that is there, or `null`. */
type Check = (value: unknown) => string | null

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value)
const number =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most ? null : `must be a number from ${least} to ${most}`
const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `must be an integer${most === Number.MAX_SAFE_INTEGER ? ` of at least ${least}` : ` from ${least} to ${most}`}`
const truth: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false')
const text: Check = (value) => (typeof value === 'string' ? null : 'must be a string')
const fullText: Check = (value) =>
  typeof value === 'string' && value !== '' ? null : 'must be a string that is not empty'
const object: Check = (value) => (isObject(value) ? null : 'must be an object')
const list: Check = (value) => (Array.isArray(value) && value.every(isObject) ? null : 'must be a list of objects')
const texts: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? null : 'must be a list of strings'
const either =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value) === null) ? null : (checks.map((check) => check(value)).at(-1) ?? null)
const typed: Check = (value) =>
  isObject(value) && typeof (value as { type?: unknown }).type === 'string' ? null : 'must be an object with a type'

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const openai: Record<string, Check> = {
  model: fullText,
  temperature: orNull(number(0, 2)),
  top_p: orNull(number(0, 1)),
  stream: orNull(truth),
  store: orNull(truth),
  user: orNull(text),
  parallel_tool_calls: orNull(truth),
  metadata: orNull(object),
  tools: orNull(list),
  tool_choice: orNull(either(text, typed)),
  service_tier: orNull(text),
  stream_options: orNull(object),
  safety_identifier: orNull(text),
  prompt_cache_key: orNull(text),
  top_logprobs: orNull(integer(0, 20)),
}

/** Members that Sinew knows; others pass unread, because compatible servers have their own. */
export const parameterChecks: Record<Wire, Record<string, Check>> = {
  chat: {
    ...openai,
    max_tokens: orNull(integer(1)),
    max_completion_tokens: orNull(integer(1)),
    n: orNull(integer(1)),
    seed: orNull(integer(Number.MIN_SAFE_INTEGER)),
    frequency_penalty: orNull(number(-2, 2)),
    presence_penalty: orNull(number(-2, 2)),
    stop: orNull(either(text, texts)),
    logit_bias: orNull(object),
    logprobs: orNull(truth),
    response_format: orNull(typed),
    reasoning_effort: orNull(text),
    functions: orNull(list),
    modalities: orNull(texts),
    verbosity: orNull(text),
  },
  responses: {
    ...openai,
    max_output_tokens: orNull(integer(1)),
    max_tool_calls: orNull(integer(1)),
    instructions: orNull(either(list, text)),
    previous_response_id: orNull(text),
    reasoning: orNull(object),
    text: orNull(object),
    include: orNull(texts),
    truncation: orNull(text),
    background: orNull(truth),
  },
  messages: {
    model: fullText,
    max_tokens: integer(1),
    temperature: number(0, 1),
    top_p: number(0, 1),
    top_k: integer(0),
    stream: truth,
    stop_sequences: texts,
    metadata: object,
    tools: list,
    tool_choice: typed,
    thinking: typed,
    service_tier: text,
  },
}

/** The wire's own name of the longest answer that is allowed. */
export function toParameterNames(wire: Wire, parameter: string): string[] {
  if (parameter !== 'maxTokens') return [parameter]
  return wire === 'chat'
    ? ['max_completion_tokens', 'max_tokens']
    : wire === 'responses'
      ? ['max_output_tokens']
      : ['max_tokens']
}
