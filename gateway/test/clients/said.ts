/**
 * What the stand-in for a provider says, apart from any wire format: the canonical reading that every client must give.
 */

export interface SaidCall {
  name: string
  arguments: Record<string, unknown>
}

export interface Said {
  /** In the pieces that a stream carries. */
  pieces: string[]
  calls: SaidCall[]
  stop: 'stop' | 'tools' | 'length' | 'refusal'
}

/** Input tokens count cached ones in, as OpenAI does; writers of Anthropic's format take them out again. */
export const usage = { input: 19, cached: 7, output: 12, reasoning: 3 } as const

export const textOf = ({ pieces }: Said): string => pieces.join('')

const hello: Said = { pieces: ['Hé', '! ', '☃', ' How can', ' I help?'], calls: [], stop: 'stop' }
const cut: Said = { pieces: ['Once ', 'upon a'], calls: [], stop: 'length' }
const refusal: Said = { pieces: ['I will not ', 'write that.'], calls: [], stop: 'refusal' }
const weather: Said = {
  pieces: ['Let me look.'],
  calls: [
    { name: 'weather', arguments: { city: 'Zürich "Mitte"', days: [1, 2] } },
    { name: 'weather', arguments: { city: 'Paris' } },
    { name: 'clock', arguments: {} },
  ],
  stop: 'tools',
}
export const extracted = { city: 'Zürich', degrees: 21 }

/** What a caller asks, by the word in it that the stand-in goes by. */
export const prompts = {
  hello: 'Say hello',
  cut: 'Tell me a long story',
  refusal: 'Write something forbidden',
  weather: 'Compare the weather',
  extract: 'Extract the facts: Zürich has 21 degrees',
  badField: 'Provoke a bad field',
  tooMany: 'Provoke too many requests',
  down: 'Provoke an overload',
  breaks: 'Provoke an error in the stream',
  truncates: 'Provoke a truncated stream',
  hangs: 'Provoke a silence after the first words',
  /** Followed by a tool's name, ` with ` and its arguments. */
  call: 'Call the tool ',
} as const

export type Scenario = keyof typeof prompts

/** What a request wants, as any wire format says it. */
export interface Asked {
  /** The texts of the last user message. */
  prompt: string
  system: string | null
  tools: string[]
  /** The one tool that the model is made to call. */
  forced: string | null
  structured: boolean
  /** The results of the calls before, in the order of the calls; empty = nothing was called yet. */
  results: { call: string; output: string }[]
}

export function scenarioOf(prompt: string): Scenario {
  return (Object.keys(prompts) as Scenario[]).find((name) => prompt.includes(prompts[name])) ?? 'hello'
}

export function answerTo(asked: Asked): Said {
  if (asked.results.length > 0)
    return {
      pieces: ['So: ', ...asked.results.map(({ call, output }) => `[${call} ${output}]`)],
      calls: [],
      stop: 'stop',
    }
  if (asked.forced !== null) return { pieces: [], calls: [{ name: asked.forced, arguments: extracted }], stop: 'tools' }
  if (asked.structured) return { pieces: ['{"city":"Zür', 'ich","degrees"', ':21}'], calls: [], stop: 'stop' }
  const scenario = scenarioOf(asked.prompt)
  const [, name = '', json = ''] = /Call the tool (\w+) with (\{.*?\})/.exec(asked.prompt) ?? []
  if (scenario === 'call' && asked.tools.includes(name))
    return { pieces: [], calls: [{ name, arguments: JSON.parse(json) as Record<string, unknown> }], stop: 'tools' }
  if (scenario === 'weather') return asked.tools.length > 0 ? weather : hello
  if (scenario === 'cut') return cut
  return scenario === 'refusal' ? refusal : hello
}

export interface SaidError {
  status: number
  message: string
  openai: { type: string; code: string | null; param: string | null }
  anthropic: string
}

export const errors: Partial<Record<Scenario, SaidError>> = {
  badField: {
    status: 400,
    message: 'temperature: 9 is above the maximum of 2',
    openai: { type: 'invalid_request_error', code: 'invalid_value', param: 'temperature' },
    anthropic: 'invalid_request_error',
  },
  tooMany: {
    status: 429,
    message: 'You are sending too many requests',
    openai: { type: 'requests', code: 'rate_limit_exceeded', param: null },
    anthropic: 'rate_limit_error',
  },
  down: {
    status: 503,
    message: 'The engine is overloaded',
    openai: { type: 'server_error', code: null, param: null },
    anthropic: 'overloaded_error',
  },
}

export const breakage = 'The model broke down half way'
