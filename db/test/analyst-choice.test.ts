import { expect, test } from 'vitest'
import { chooseAnalyst, findAnalystCandidates } from '../config/analyst-choice.ts'
import { readConfig } from '../config/config.ts'

const { config } = readConfig({ OPENAI_API_KEY: 'k1', ANTHROPIC_API_KEY: 'k2', OPENROUTER_API_KEY: 'k3' })
const keyless = { ...config, providers: config.providers.map((provider) => ({ ...provider, apiKey: null })) }
const setting = { provider: 'anthropic', model: 'm' }

test('only providers of the anthropic dialect that have a key may be switched on', () => {
  expect(findAnalystCandidates(config).map(({ name }) => name)).toEqual(['anthropic'])
  expect(findAnalystCandidates(keyless)).toEqual([])
})

test('a provider whose address and key are of another make is none, although it serves Claude', () => {
  const bedrock = {
    name: 'bedrock',
    kind: 'bedrock',
    dialect: 'anthropic' as const,
    baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    apiKey: 'AKIDEXAMPLE1:s',
    models: [],
    timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
  }
  expect(findAnalystCandidates({ providers: [bedrock] })).toEqual([])
  expect(chooseAnalyst({ ...config, providers: [bedrock] }, { provider: 'bedrock', model: 'm' })).toBeNull()
})

test("a key in the environment alone makes nobody an analyst; a person's choice does, within the default caps", () => {
  expect(chooseAnalyst(config, null)).toBeNull()
  expect(chooseAnalyst(config, setting)).toEqual({
    baseUrl: 'https://api.anthropic.com',
    apiKey: 'k2',
    model: 'm',
    maxCallsPerDay: 50,
    maxTokensPerDay: 200_000,
  })
})

test('claude: in the configuration always wins', () => {
  const claude = {
    baseUrl: 'https://analyst.test',
    apiKey: 'k',
    model: 'configured',
    maxCallsPerDay: 1,
    maxTokensPerDay: 1,
  }
  expect(chooseAnalyst({ ...config, claude }, setting)).toBe(claude)
})

test.each([
  ['is gone', { ...config, providers: [] }, setting],
  ['has lost its key', keyless, setting],
  ['speaks another dialect', config, { provider: 'openai', model: 'm' }],
])('a chosen provider that %s is asked nothing', (_, changed, chosen) => {
  expect(chooseAnalyst(changed, chosen)).toBeNull()
})
