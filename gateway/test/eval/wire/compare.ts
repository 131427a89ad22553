import type { Wire } from '../../../../db/words/wire.ts'
import type { AnswerReading, RequestReading, Said } from './reading.ts'

/**
 * Whether the same was said. Text, tools and their arguments, order, stop reason, usage and errors must be equal; what
 * the target dialect has no words for may be missing only when it was named. Nothing is excused for being named alone:
 * `mayMiss` says what each dialect truly cannot say.
 */
export function compareAnswers(
  expected: AnswerReading,
  actual: AnswerReading,
  target: Wire,
  dropped: readonly string[],
  status: number,
): string | undefined {
  if (expected.error !== undefined)
    return (
      compareErrors(expected.error, actual, target, status) ??
      (expected.said.length === 0 ? undefined : compareSaid(expected.said, actual.said, target, dropped))
    )
  if (expected.stop === undefined) {
    if (actual.error === undefined || actual.stop !== undefined) return 'a stream that broke off is shown as complete'
    return compareSaid(expected.said, actual.said, target, dropped)
  }
  if (actual.error !== undefined) return `an error came out: ${actual.error.type}: ${actual.error.message}`
  return (
    compareSaid(expected.said, actual.said, target, dropped) ??
    compareStops(expected, actual, target, dropped) ??
    compareUsage(expected, actual)
  )
}

const anthropicTypes = new Set([
  'invalid_request_error',
  'authentication_error',
  'billing_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'rate_limit_error',
  'api_error',
  'timeout_error',
  'overloaded_error',
])

function compareErrors(
  expected: { readonly type: string; readonly message: string },
  actual: AnswerReading,
  target: Wire,
  status: number,
): string | undefined {
  if (actual.error === undefined) return 'an error was lost'
  if (actual.stop !== undefined) return 'an answer that failed is shown as complete'
  if (actual.error.message !== expected.message)
    return `the error says ${JSON.stringify(actual.error.message)} instead of ${JSON.stringify(expected.message)}`
  // Some makers give their errors no type.
  if (expected.type === '') return undefined
  if (target !== 'messages' || anthropicTypes.has(expected.type))
    return actual.error.type === expected.type
      ? undefined
      : `the error is a ${actual.error.type} instead of a ${expected.type}`
  // Anthropic's types are a closed list: another maker's type arrives as the one of its status.
  if (!anthropicTypes.has(actual.error.type)) return `${actual.error.type} is no error of the dialect`
  const wanted = status === 429 || /quota|rate/.test(expected.type) ? 'rate_limit_error' : undefined
  return wanted === undefined || actual.error.type === wanted
    ? undefined
    : `the error is a ${actual.error.type} instead of a ${wanted}`
}

export function named(path: string, dropped: readonly string[]): boolean {
  return dropped.some((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
}

function mayMiss(said: Said, target: Wire): boolean {
  if (said.custom === true && target === 'messages') return true
  switch (said.kind) {
    case 'foreign':
      return true
    case 'logprobs':
      return target === 'messages'
    case 'failed':
      return target !== 'messages'
    case 'file':
    case 'audio':
      return true
    case 'image':
      // Messages has no place for a picture that the model made.
      return said.role === undefined && target === 'messages'
    case 'reasoning':
    case 'proof':
    case 'citation':
      // Earlier reasoning may be sent back only to its maker; in an answer it must arrive.
      return said.role !== undefined
    default:
      return false
  }
}

function compareSaid(
  expectedAll: readonly Said[],
  actual: readonly Said[],
  target: Wire,
  dropped: readonly string[],
): string | undefined {
  const expected: Said[] = []
  for (const stated of expectedAll) {
    // Instructions that are the whole prompt become the user's where the dialect wants a user; that is named too.
    const said =
      stated.role === 'system' &&
      dropped.some((name) => name.endsWith('.role') && stated.path.startsWith(name.slice(0, -5)))
        ? { ...stated, role: 'user' }
        : stated
    if (mayMiss(said, target) && named(said.path, dropped)) continue
    // A member that both dialects know by the same name simply arrives.
    if (said.kind === 'foreign' && actual.some((other) => other.kind === 'foreign' && other.path === said.path))
      continue
    if (said.kind === 'foreign') return `${said.path} is gone and nobody was told`
    expected.push(
      said.kind === 'tool' && dropped.includes(`${said.path}.function.arguments`) ? withKeptText(said) : said,
    )
  }
  const moved = dropped.some((name) => name.endsWith('.position'))
  const main = ['text', 'tool', 'result', 'image', 'file', 'audio', 'failed']
  const roles = expectedAll.some((said) => said.role === 'system')
    ? [['system'], ['user', 'assistant', 'tool', '']]
    : [undefined]
  for (const wanted of roles) {
    const side = (list: readonly Said[]): string[] =>
      sequence(
        list.filter(
          (said) =>
            main.includes(said.kind) &&
            !isGenerated(said) &&
            (wanted === undefined || wanted.includes(said.role ?? '')),
        ),
        moved,
      )
    const difference = firstDifference(side(expected), side(actual))
    if (difference !== undefined) return difference
  }
  const words = (list: readonly Said[]): string =>
    list
      .filter((said) => said.kind === 'reasoning')
      .map((said) => said.value)
      .join('')
      .replaceAll('\n\n', '')
  if (words(expected) !== words(actual))
    return `the reasoning differs: ${JSON.stringify(words(actual).slice(0, 80))} instead of ${JSON.stringify(words(expected).slice(0, 80))}`
  for (const proof of expected.filter((said) => said.kind === 'proof')) {
    if (!actual.some((said) => said.kind === 'proof' && said.value.includes(proof.value)))
      return `${proof.path} did not survive`
  }
  for (const kind of ['citation', 'logprobs', 'image'] as const) {
    const values = (list: readonly Said[]): string[] =>
      list.filter((said) => said.kind === kind && (kind !== 'image' || isGenerated(said))).map((said) => said.value)
    const difference = firstDifference(values(expected), values(actual))
    if (difference !== undefined) return `${kind}: ${difference}`
  }
  return undefined
}

/** Chat shows the pictures of an answer beside its text, so their place among the texts is nobody's word. */
function isGenerated({ kind, role }: Said): boolean {
  return kind === 'image' && role === undefined
}

/** Arguments that are no JSON are kept as a text where the dialect wants an object. */
function withKeptText(said: Said): Said {
  const at = said.value.indexOf(' invalid:')
  return at < 0
    ? said
    : {
        ...said,
        value: `${said.value.slice(0, at)} ${JSON.stringify({ invalid_json: said.value.slice(at + ' invalid:'.length) })}`,
      }
}

/** What was said in order, texts in a row as one. Ids of calls become their number: only who answers whom counts. */
function sequence(list: readonly Said[], moved: boolean): string[] {
  const calls: string[] = []
  const lines: Array<{ head: string; value: string }> = []
  for (const said of list) {
    const head = `${said.role ?? ''} ${said.kind}`
    const last = lines.at(-1)
    if (said.kind === 'text' && last?.head === head) last.value += said.value
    else if (said.kind === 'tool' && said.role !== undefined) {
      calls.push(said.value.slice(0, said.value.indexOf(' ')))
      lines.push({ head, value: said.value.slice(said.value.indexOf(' ') + 1) })
    } else if (said.kind === 'result') lines.push({ head, value: `answers call ${calls.lastIndexOf(said.value)}` })
    else
      lines.push({
        head,
        value: said.value.trimEnd() === '' ? said.value : said.kind === 'file' ? said.value.trimEnd() : said.value,
      })
  }
  if (!moved) return lines.map(({ head, value }) => `${head}: ${value}`)
  const texts = lines.filter(({ head }) => head.endsWith(' text'))
  const heads = [...new Set(texts.map(({ head }) => head))]
  return [
    ...heads.map(
      (head) =>
        `${head}: ${texts
          .filter((line) => line.head === head)
          .map((line) => line.value)
          .join('')}`,
    ),
    ...lines.filter(({ head }) => !head.endsWith(' text')).map(({ head, value }) => `${head}: ${value}`),
  ]
}

function firstDifference(expected: readonly string[], actual: readonly string[]): string | undefined {
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const [wanted, got] = [expected[index], actual[index]]
    // A file's name may be made up where the dialect wants one.
    if (wanted !== got && !(wanted !== undefined && / file: /.test(wanted) && got?.startsWith(wanted) === true))
      return `number ${index} is ${excerpt(got)} instead of ${excerpt(wanted)}`
  }
  return undefined
}

function excerpt(text: string | undefined): string {
  return text === undefined ? 'missing' : JSON.stringify(text.slice(0, 120))
}

function compareStops(
  expected: AnswerReading,
  actual: AnswerReading,
  target: Wire,
  dropped: readonly string[],
): string | undefined {
  const calls = expected.said.some((said) => said.kind === 'tool')
  let wanted = expected.stop
  // A forced call ends with "stop" at OpenAI, and a call of a tool that the provider ran is nobody's: the calls decide.
  if (wanted === 'end' || wanted === 'tool') wanted = calls ? 'tool' : 'end'
  // OpenAI says it beside the text, Anthropic as the reason to stop.
  if (wanted === 'end' && target === 'messages' && expected.said.some((said) => said.refusal === true))
    wanted = 'refusal'
  if (wanted === actual.stop) return undefined
  if (target !== 'messages' && wanted === 'stop-sequence')
    return actual.stop === 'end' && named('stop_sequence', dropped) ? undefined : 'the stop sequence is lost'
  if (target !== 'messages' && wanted === 'pause')
    return named('status', dropped) || named('stop_reason', dropped) ? undefined : 'the pause is lost'
  return `it stops with ${actual.stop} instead of ${wanted}`
}

function compareUsage(expected: AnswerReading, actual: AnswerReading): string | undefined {
  if (expected.usage === undefined) return undefined
  if (actual.usage === undefined) return 'the usage is lost'
  for (const name of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
    if (expected.usage[name] !== actual.usage[name])
      return `usage.${name} is ${actual.usage[name]} instead of ${expected.usage[name]}`
  }
  return undefined
}

const defaults: Readonly<Record<string, readonly string[]>> = {
  tool_choice: ['auto'],
  service_tier: ['auto', 'default'],
  verbosity: ['medium'],
  n: ['1'],
  frequency_penalty: ['0'],
  presence_penalty: ['0'],
  top_logprobs: ['0'],
}
/** Settings a dialect has no words for. Everything else must arrive. */
const unknownSettings: Readonly<Record<Wire, readonly string[]>> = {
  chat: ['top_k', 'budget', 'truncation'],
  responses: ['top_k', 'stop', 'seed', 'frequency_penalty', 'presence_penalty', 'n', 'budget'],
  messages: [
    'seed',
    'frequency_penalty',
    'presence_penalty',
    'n',
    'metadata',
    'service_tier',
    'verbosity',
    'top_logprobs',
    'truncation',
    'allowed',
    'temperature',
  ],
}

export function compareRequests(
  expected: RequestReading,
  actual: RequestReading,
  target: Wire,
  dropped: readonly string[],
): string | undefined {
  if (expected.model !== actual.model) return `the model is ${actual.model}`
  if (expected.stream !== actual.stream) return `stream is ${actual.stream}`
  // Chat has documents of PDF only: one of plain text is a part of the message.
  const said = expected.said.map((one): Said => {
    if (target !== 'chat' || one.asText === undefined) return one
    return { ...one, kind: 'text', value: one.asText }
  })
  const words =
    compareSaid(said, actual.said, target, dropped) ??
    compareSaid(expected.definitions, actual.definitions, target, dropped)
  if (words !== undefined) return words
  const tools = (reading: RequestReading): string[] =>
    reading.definitions.filter((said) => said.kind === 'definition').map((said) => said.value)
  const difference = firstDifference(tools(expected), tools(actual))
  if (difference !== undefined) return `tool definitions: ${difference}`
  for (const [name, wanted] of Object.entries(expected.settings)) {
    const got = actual.settings[name]?.value
    if (got === wanted.value || (got === undefined && defaults[name]?.includes(wanted.value) === true)) continue
    if (
      unknownSettings[target].includes(name) &&
      (named(wanted.path, dropped) || dropped.some((path) => path.startsWith(wanted.path)))
    )
      continue
    if (name === 'format' && target === 'messages' && wanted.value === 'json' && named(wanted.path, dropped)) continue
    // A choice among tools that are all the provider's own has nothing left to choose from.
    if (
      name === 'tool_choice' &&
      actual.definitions.length === 0 &&
      (wanted.value === 'none' || named(wanted.path, dropped))
    )
      continue
    // A step that the dialect's scale does not have.
    if (name === 'effort' && target === 'messages' && wanted.value === 'minimal' && named(wanted.path, dropped))
      continue
    if (name === 'single' && actual.definitions.length === 0) continue
    return `${wanted.path} is ${got ?? 'missing'} instead of ${wanted.value}`
  }
  return undefined
}
