import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { knownKinds } from '../config/provider-kinds.ts'

const folder = mkdtempSync(join(tmpdir(), 'sinew-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function read(text: string, env: Record<string, string> = {}) {
  const path = join(folder, `${files++}.yaml`)
  writeFileSync(path, text)
  return readConfig({ SINEW_CONFIG: path, ...env })
}
const paths = (text: string, env = {}) => read(text, env).problems.map((problem) => problem.path)

describe('the configuration', () => {
  test('reads the documented example as it is written', () => {
    const { config, problems } = read(
      `providers:
  - name: mock
    dialect: openai              # openai | anthropic
    baseUrl: http://127.0.0.1:9001/v1
    apiKey: \${MOCK_KEY}
    models: [gpt-4o, gpt-4o-mini]
    timeouts: { connectMs: 10000, firstByteMs: 600000, idleMs: 120000 }
keys:
  - { name: demo, key: \${DEMO_KEY}, team: default }
admins:
  - { name: reviewer, token: \${REVIEWER_TOKEN} }
claude:
  baseUrl: https://api.anthropic.com
  apiKey: \${ANTHROPIC_API_KEY}
  model: claude-sonnet-4-5
  maxCallsPerDay: 50
  maxTokensPerDay: 200000
learning: { enhance: { minExchanges: 20, maxSuccessRate: 0.7 } }
journal: { recording: on, durability: process, whenFull: refuse }
prices: {}`,
      { MOCK_KEY: 'mock', DEMO_KEY: 'demo', REVIEWER_TOKEN: 'reviewer', ANTHROPIC_API_KEY: 'key' },
    )
    expect(problems).toEqual([])
    expect(config.keys).toEqual([{ name: 'demo', key: 'demo', team: 'default' }])
    expect(config.journal.recording).toBe('on')
    expect(config.providers.map((provider) => provider.name)).toEqual(['mock', 'anthropic'])
  })

  test('a name for several deployments is read whole, and each of its faults has its path', () => {
    const providers = 'providers: [{ name: a, dialect: openai, baseUrl: "http://x/v1" }]\n'
    const { config, problems } = read(
      `${providers}models:\n  - { name: smart, balance: weighted, deployments: [a/m, { model: a/n, weight: 3 }] }\nretries: { maxAttempts: 2, maxShare: 0.1 }`,
    )
    expect(problems).toEqual([])
    expect([config.models, config.retries]).toEqual([
      [
        {
          name: 'smart',
          balance: 'weighted',
          deployments: [
            { model: 'a/m', weight: 1 },
            { model: 'a/n', weight: 3 },
          ],
        },
      ],
      { maxAttempts: 2, maxShare: 0.1 },
    ])
    expect(readConfig({}).config).toMatchObject({ models: [], retries: { maxAttempts: 3, maxShare: 0.2 } })
    const wrong = (entry: string): string[] => paths(`${providers}models: [${entry}]`)
    expect(wrong('{ name: s, deployments: [b/m] }')).toEqual(['models[0].deployments[0]'])
    // A name cannot lead to another name, so it can never lead back to itself.
    expect(wrong('{ name: s, deployments: [s] }')).toEqual(['models[0].deployments[0].model'])
    expect(wrong('{ name: s, deployments: [a/m, a/m] }')).toEqual(['models[0].deployments[1]'])
    expect(wrong('{ name: s, deployments: [] }')).toEqual(['models[0].deployments'])
    expect(wrong('{ name: a/b, deployments: [a/m] }')).toEqual(['models[0].name'])
    expect(wrong('{ name: s, balance: best, deployments: [a/m] }')).toEqual(['models[0].balance'])
    expect(wrong('{ name: s, deployments: [{ model: a/m, weight: 0 }] }')).toEqual(['models[0].deployments[0].weight'])
    expect(wrong('{ name: s, deployments: [a/m] }, { name: s, deployments: [a/m] }')).toEqual(['models[1].name'])
    expect(paths('retries: { maxAttempts: 0, maxShare: 2 }')).toEqual(['retries.maxAttempts', 'retries.maxShare'])
  })

  test('without a file has defaults, and no analyst even where an Anthropic key is in the environment', () => {
    const { config, problems } = readConfig({ ANTHROPIC_API_KEY: 'key' })
    expect(problems).toEqual([])
    expect(config.claude).toBeNull()
    expect(config.learning).toEqual({
      patterns: { shared: false },
      enhance: {
        minExchanges: 20,
        maxSuccessRate: 0.7,
        approvals: 1,
        remindAfterHours: 72,
        expireAfterHours: 720,
        maxAddedTokens: 1_000,
      },
      judge: { maxCallsPerDay: 0, maxTokensPerDay: 100_000, share: 0.05 },
      replay: { maxCalls: 0, maxCallsPerDay: 200 },
      watch: { recentHours: 24, baselineDays: 14, staleAfterDays: 14 },
    })
    expect(config.experiments).toMatchObject({
      ramp: [0.01, 0.05, 0.25, 0.5],
      windowMs: 86_400_000,
      maximumRunMs: 1_209_600_000,
      expectedUnits: 2_000,
      holdback: 0.05,
    })
  })

  test('limits of bodies and the web pages that may call can be set; what they cannot be is told with its path', () => {
    expect(readConfig({}).config).toMatchObject({
      bodies: { generationMiB: 32, passThroughMiB: 512 },
      cors: { origins: [] },
    })
    const { config, problems } = read(
      'bodies: { generationMiB: 64, passThroughMiB: "1024" }\ncors: { origins: [https://app.example.com, "*"] }',
    )
    expect(problems).toEqual([])
    expect(config).toMatchObject({
      bodies: { generationMiB: 64, passThroughMiB: 1_024 },
      cors: { origins: ['https://app.example.com', '*'] },
    })
    expect(
      paths(
        'bodies: { generationMiB: 0, files: 1 }\ncors: { origins: [https://a.example/x, ftp://a, https://A.example] }',
      ),
    ).toEqual(
      expect.arrayContaining([
        'bodies.generationMiB',
        'bodies.files',
        'cors.origins[0]',
        'cors.origins[1]',
        'cors.origins[2]',
      ]),
    )
  })

  test('what is watched and how long it is kept can be set; nothing is let go of by default', () => {
    expect(readConfig({}).config).toMatchObject({
      retention: null,
      learning: { watch: { recentHours: 24, baselineDays: 14, staleAfterDays: 14 } },
    })
    expect(
      read('retention: { days: 30 }\nlearning: { watch: { recentHours: 0.5, staleAfterDays: 3 } }').config,
    ).toMatchObject({
      retention: { days: 30 },
      learning: { watch: { recentHours: 0.5, baselineDays: 14, staleAfterDays: 3 } },
    })
    expect(paths('retention: { days: 0 }\nlearning: { watch: { recentHours: -1, baselineDays: soon } }')).toEqual([
      'learning.watch.recentHours',
      'learning.watch.baselineDays',
      'retention.days',
    ])
    expect(paths('retention: {}')).toEqual(['retention.days'])
  })

  test('a key has a namespace for its tools when it names one, and only one whose names every provider takes', () => {
    const namespaceOf = (value: string): string | undefined => {
      const { config, problems } = read(`keys: [{ name: a, key: k, toolNamespace: ${value} }]`)
      return problems[0]?.path ?? config.keys[0]?.toolNamespace
    }
    for (const value of ['off', 'session', 'model', 'acme', '_a-B9', 'x'.repeat(24)])
      expect(namespaceOf(value)).toBe(value)
    expect(namespaceOf('false')).toBe('off')
    for (const value of ['x'.repeat(25), '""', '"a b"', 'a.b', '9a', '-a', 'true', '7', '[]', 'null'])
      expect(namespaceOf(value)).toBe('keys[0].toolNamespace')
    expect(read('keys: [{ name: a, key: k }]').config.keys[0]?.toolNamespace).toBeUndefined()
  })

  test('a value from the environment cannot change the structure of the file', () => {
    const { config, problems } = read('keys:\n  - { name: a, key: ${KEY} }', { KEY: 'x,team:root}#' })
    expect(problems).toEqual([])
    expect(config.keys).toEqual([{ name: 'a', key: 'x,team:root}#', team: 'default' }])
  })

  test('reports every problem at once, each with its path, and never the value of a secret', () => {
    const { problems } = read(
      `providers:
  - { name: "no spaces", dialect: opnai, baseUrl: "ftp://x", apiKey: \${NOPE}, extra: 1 }
  - { name: b, dialect: openai, baseUrl: "http://user:hunter2@x" }
  - { name: b, dialect: openai, baseUrl: "http://x", timeouts: { connectMs: -1 } }
keys: [{ name: k, key: "two words" }, { name: l, key: same }, { name: l, key: same }]
journal: { durability: maybe }`,
      { DATABASE_URL: 'mysql://root:hunter3@x' },
    )
    expect(problems.map((problem) => problem.path).toSorted()).toEqual(
      [
        'DATABASE_URL',
        'journal.durability',
        'keys[0].key',
        'keys[2].key',
        'keys[2].name',
        'providers[0].apiKey',
        'providers[0].baseUrl',
        'providers[0].dialect',
        'providers[0].extra',
        'providers[0].name',
        'providers[1].baseUrl',
        'providers[2].name',
        'providers[2].timeouts.connectMs',
      ].toSorted(),
    )
    expect(JSON.stringify(problems)).not.toMatch(/hunter|two words/)
  })

  test('has words for every problem', () => {
    const { problems } = read('providers: [{}]\nkeys: [{ key: "" }, {}]\nadmins: [{}, 1]\nclaude: {}')
    expect(problems.filter((problem) => problem.message.trim() === '')).toEqual([])
    expect(problems.map((problem) => problem.path)).toEqual(
      expect.arrayContaining(['providers[0].name', 'keys[0].name', 'keys[0].key', 'admins[1]', 'claude.apiKey']),
    )
  })

  test('finds the kind of a provider by what is written, else by its name, else by its host, else by its dialect', () => {
    const kinds = (entries: string): (string | undefined)[] => {
      const { config, problems } = read(`providers:\n${entries}`)
      expect(problems).toEqual([])
      return config.providers.map(({ name, kind, dialect, baseUrl, wires }) =>
        [name, kind, dialect, baseUrl, ...(wires ?? ['all'])].join(' '),
      )
    }
    expect(
      kinds(`
  - { name: a, kind: openai }
  - { name: openrouter }
  - { name: b, dialect: anthropic, baseUrl: "https://openrouter.ai/api" }
  - { name: c, baseUrl: "https://api.anthropic.com" }
  - { name: anthropic, dialect: openai, baseUrl: "http://x/v1" }
  - { name: openai, dialect: openai, baseUrl: "http://x/v1" }
  - { name: d, dialect: openai, baseUrl: "http://x/v1", wires: [chat] }`),
    ).toEqual([
      'a openai openai https://api.openai.com/v1 all',
      'openrouter openrouter openai https://openrouter.ai/api/v1 all',
      'b openrouter anthropic https://openrouter.ai/api messages',
      'c anthropic anthropic https://api.anthropic.com all',
      'anthropic openai-compatible openai http://x/v1 chat responses',
      'openai openai openai http://x/v1 chat responses',
      'd openai-compatible openai http://x/v1 chat',
    ])
  })

  test('keys in the environment bring their providers behind those of the file, in the documented order', () => {
    const { config } = read('providers: [{ name: mock, dialect: openai, baseUrl: "http://x" }]', {
      OPENROUTER_API_KEY: 'c',
      ANTHROPIC_API_KEY: 'b',
      OPENAI_API_KEY: 'a',
    })
    expect(config.providers.map(({ name, kind, apiKey }) => [name, kind, apiKey])).toEqual([
      ['mock', 'openai-compatible', null],
      ['openai', 'openai', 'a'],
      ['anthropic', 'anthropic', 'b'],
      ['openrouter', 'openrouter', 'c'],
    ])
  })

  test('a key alone brings every provider whose address is the same for everybody, under the variable its own tools read', () => {
    const env = Object.fromEntries(
      knownKinds.flatMap(({ variables = [] }) => variables).map((variable) => [variable, variable]),
    )
    const { config, problems } = readConfig(env)
    expect(problems).toEqual([])
    expect(config.providers.map(({ name, dialect, apiKey }) => `${name} ${dialect} ${apiKey}`)).toEqual([
      'openai openai OPENAI_API_KEY',
      'anthropic anthropic ANTHROPIC_API_KEY',
      'openrouter openai OPENROUTER_API_KEY',
      'google openai GEMINI_API_KEY',
      'mistral openai MISTRAL_API_KEY',
      'groq openai GROQ_API_KEY',
      'deepseek openai DEEPSEEK_API_KEY',
      'xai openai XAI_API_KEY',
      'together openai TOGETHER_API_KEY',
      'fireworks openai FIREWORKS_API_KEY',
      'cohere openai COHERE_API_KEY',
      'perplexity openai PERPLEXITY_API_KEY',
      'cerebras openai CEREBRAS_API_KEY',
    ])
    expect(readConfig({ CO_API_KEY: 'k' }).config.providers.map(({ name }) => name)).toEqual(['cohere'])
    // What AWS and Azure leave in many an environment is no wish to use a model there.
    expect(
      readConfig({
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
        AWS_BEARER_TOKEN_BEDROCK: 'c',
        AZURE_OPENAI_API_KEY: 'd',
      }).config.providers,
    ).toEqual([])
  })

  test('a provider without a key takes it from the environment, at its own address only', () => {
    const keys = (entry: string): (string | null)[] =>
      read(`providers: [${entry}]`, { GROQ_API_KEY: 'g' }).config.providers.map(({ apiKey }) => apiKey)
    expect(keys('{ name: fast, kind: groq }').slice(0, 1)).toEqual(['g'])
    expect(keys('{ name: groq, models: [m] }')).toEqual(['g'])
    expect(keys('{ name: groq, apiKey: own }')).toEqual(['own'])
    expect(keys('{ name: groq, baseUrl: "http://elsewhere.test/v1" }')).toEqual([null])
  })

  test('an address that is called as OpenAI’s clients call it stays so, whatever the provider’s name', () => {
    const kinds = (name: string, rest: string): string | undefined =>
      read(`providers: [{ name: ${name}, ${rest} }]`).config.providers[0]?.kind
    const mine = 'dialect: openai, baseUrl: "http://127.0.0.1:1/v1"'
    for (const name of ['azure', 'bedrock', 'google', 'anthropic']) expect(kinds(name, mine)).toBe('openai-compatible')
    for (const name of ['openai', 'groq', 'vllm', 'litellm', 'openrouter']) expect(kinds(name, mine)).toBe(name)
    expect(kinds('a', 'dialect: openai, baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai"')).toBe(
      'openai-compatible',
    )
    expect(kinds('a', 'dialect: openai, baseUrl: "https://r.openai.azure.com/openai/v1"')).toBe('azure')
    expect(kinds('a', 'baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com"')).toBe('bedrock')
    expect(kinds('google', 'apiKey: k')).toBe('google')
  })

  test.each([
    ['a kind that does not exist', '{ name: a, kind: nobody }', ['kind']],
    ['a provider of which nothing is known', '{ name: a }', ['dialect', 'baseUrl']],
    ['a generic kind without an address', '{ name: a, kind: openai-compatible }', ['baseUrl']],
    ['a dialect that the kind does not speak', '{ name: a, kind: anthropic, dialect: openai }', ['dialect']],
    ['a wire that the kind does not speak', '{ name: a, kind: anthropic, wires: [chat] }', ['wires']],
    [
      'a header that the gateway writes',
      '{ name: a, kind: openai, headers: { Authorization: x } }',
      ['headers.Authorization'],
    ],
    ['a version that would change the address', '{ name: a, kind: openai, apiVersion: "1&x=y" }', ['apiVersion']],
  ])('names the place of %s', (_, entry, expected) =>
    expect(paths(`providers: [${entry}]`)).toEqual(expected.map((member) => `providers[0].${member}`)),
  )

  test.each([
    [
      'a file that is not there',
      () => readConfig({ SINEW_CONFIG: join(folder, 'none') }).problems.map((problem) => problem.path),
      ['SINEW_CONFIG'],
    ],
    ['a file that is not YAML', () => paths('keys: [').slice(0, 1), ['SINEW_CONFIG']],
    ['a list instead of settings', () => paths('- a'), ['SINEW_CONFIG']],
    [
      'the name of the simulation',
      () => paths('providers: [{ name: sim, dialect: openai, baseUrl: "http://x" }]'),
      ['providers[0].name'],
    ],
    ['the reserved person', () => paths('admins: [{ name: admin, token: t }]'), ['admins[0].name']],
    ['a price that is no number', () => paths('prices: { m: { input: free, output: 1 } }'), ['prices.m.input']],
    ['an analyst without a key', () => paths('claude: { model: claude }'), ['claude.apiKey']],
  ])('names the place of %s', (_, found, expected) => expect(found()).toEqual(expected))
})
