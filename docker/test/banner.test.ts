import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { ProviderConfig } from '../../db/words/provider.ts'
import { toBanner, toCurl } from '../supervisor/banner.ts'

const input = {
  gatewayUrl: 'http://127.0.0.1:8080',
  adminUrl: 'http://127.0.0.1:8081',
  callerKey: 'sk-1',
  adminToken: 'token-1',
  providers: [] as ProviderConfig[],
}
const provider = (name: string, dialect: 'openai' | 'anthropic', models: string[]): ProviderConfig => ({
  name,
  kind: `${dialect}-compatible`,
  dialect,
  models,
  baseUrl: 'http://127.0.0.1:1',
  apiKey: null,
  timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
})

test('without a provider the command asks sim, which is named as a simulation', () => {
  const text = toBanner(input).join('\n')
  expect(text).toContain('http://127.0.0.1:8081/sign-in#token=token-1')
  expect(text).toContain('"model":"sim/echo"')
  expect(text).toMatch(/sim is a built-in simulation/)
})

test('with a provider nothing is said of a simulation', () => {
  expect(toBanner({ ...input, providers: [provider('mock', 'openai', ['gpt-4o'])] }).join('\n')).not.toContain(
    'simulation',
  )
})

test.each([
  ['its first model', provider('mock', 'openai', ['gpt-4o', 'gpt-4o-mini']), 'mock/gpt-4o'],
  ['the first model that is not a pattern', provider('mock', 'openai', ['gpt-*', 'gpt-4o-mini']), 'mock/gpt-4o-mini'],
  ['a usual model where the list has only patterns', provider('openai', 'openai', ['gpt-*']), 'openai/gpt-4o-mini'],
  ['a usual model where the list is empty', provider('openrouter', 'openai', []), 'openrouter/openai/gpt-4o-mini'],
])('the command asks the first provider for %s', (_, first, model) =>
  expect(toCurl({ ...input, providers: [first] })).toContain(`"model":"${model}"`),
)

test('an Anthropic provider is asked in its own dialect', () => {
  const curl = toCurl({ ...input, providers: [provider('two', 'anthropic', ['claude-test'])] })
  expect(curl).toContain('http://127.0.0.1:8080/v1/messages')
  expect(curl).toContain('anthropic-version')
  expect(curl).toContain('"max_tokens":100')
})

test('a key with a quote in it reaches the shell whole', () => {
  const words = toCurl({ ...input, callerKey: `it's` }).replace(/^curl/, `printf '%s\\n'`)
  expect(execFileSync('/bin/sh', ['-c', words]).toString()).toContain(`authorization: Bearer it's\n`)
})
