import { describe, expect, test } from 'vitest'
import { createResolveModel } from '../providers/resolve-model.ts'
import { createModels } from '../providers/models.ts'

const openai = { dialect: 'openai' as const, wiresOf: () => ['chat'] as const }
const anthropic = { dialect: 'anthropic' as const, wiresOf: () => ['messages'] as const }
const targets = [
  { name: 'first', ...openai, models: ['gpt-4o', 'shared', 'fine-*'] },
  { name: 'second', ...openai, models: ['shared', 'gpt-4o-mini'] },
  { name: 'claude', ...anthropic, models: ['claude-x', 'gpt-4o'] },
  { name: 'router', ...openai, models: ['second/listed', 'vendor/*'] },
  { name: 'both', ...openai, models: ['both/echo'] },
  { name: 'both', ...anthropic, models: ['both/echo'] },
  { name: 'newer', dialect: 'openai' as const, wiresOf: () => ['responses', 'chat'] as const, models: ['shared'] },
]
const callers = {
  openai: { dialect: 'openai', wire: 'chat' },
  anthropic: { dialect: 'anthropic', wire: 'messages' },
  responses: { dialect: 'openai', wire: 'responses' },
  embeddings: { dialect: 'openai', wire: null },
} as const
const resolve = createResolveModel(targets)
const decide = (model: string, caller: keyof typeof callers = 'openai'): string => {
  const result = resolve(model, callers[caller])
  return 'code' in result
    ? `${result.code} ${result.param}`
    : `${result.target.name}:${result.target.dialect} ${result.model} ${result.prefix ?? '-'}`
}

describe('the model name chooses the provider', () => {
  test.each([
    ['a bare name goes to the first provider that lists it', 'shared', 'first:openai shared -'],
    ['an open ending is a listing too', 'fine-tuned:7', 'first:openai fine-tuned:7 -'],
    ['the prefix chooses, and is cut', 'second/shared', 'second:openai shared second/'],
    ['the prefix chooses also for a model that is not listed', 'first/new-model', 'first:openai new-model first/'],
    ['only the first slash counts', 'router/vendor/deep', 'router:openai vendor/deep router/'],
    ['a name listed in full with a slash wins over the prefix', 'second/listed', 'router:openai second/listed -'],
    ['a slash is no prefix where no provider has that name', 'vendor/model', 'router:openai vendor/model -'],
    ['an unknown name', 'nothing', 'unknown_model model'],
    ['an unknown prefix', 'nobody/gpt-4o', 'unknown_model model'],
    ['a prefix without a name', 'first/', 'missing_model model'],
    [
      'a model that only another dialect serves goes there, to be translated',
      'claude-x',
      'claude:anthropic claude-x -',
    ],
    ['a provider of another dialect too', 'claude/anything', 'claude:anthropic anything claude/'],
  ])('%s', (_guarantee, model, expected) => expect(decide(model)).toBe(expected))

  test('of providers with one model the one of the caller’s dialect is taken', () => {
    expect(decide('gpt-4o', 'openai')).toBe('first:openai gpt-4o -')
    expect(decide('gpt-4o', 'anthropic')).toBe('claude:anthropic gpt-4o -')
    expect(decide('both/echo', 'openai')).toBe('both:openai both/echo -')
    expect(decide('both/other', 'anthropic')).toBe('both:anthropic other both/')
  })

  test('of providers with one model the one that speaks the caller’s wire is taken, then one of its dialect', () => {
    expect(decide('shared', 'responses')).toBe('newer:openai shared -')
    expect(decide('gpt-4o-mini', 'responses')).toBe('second:openai gpt-4o-mini -')
    expect(decide('gpt-4o', 'responses')).toBe('first:openai gpt-4o -')
  })

  test('what is no generation is not translated: a model that only another dialect serves is refused', () => {
    expect(decide('shared', 'embeddings')).toBe('first:openai shared -')
    expect(decide('claude-x', 'embeddings')).toBe('unknown_endpoint model')
  })

  test('names that nobody has are not remembered without end, and a long one is not quoted whole', () => {
    for (let index = 0; index < 5_000; index++) decide(`unknown-${index}`)
    const long = resolve('x'.repeat(10_000), callers.openai)
    expect('message' in long && long.message.length).toBeLessThan(300)
    expect(decide('shared')).toBe('first:openai shared -')
  })

  test('an unknown name is met with advice that helps: the list, or, where that is empty, how to name a provider', () => {
    const advice = (models: string[]): string => {
      const result = createResolveModel([
        { name: 'oa', ...openai, models },
        { name: 'an', ...anthropic, models: [] },
      ])('nothing', callers.openai)
      return 'message' in result ? result.message : ''
    }
    expect(advice(['listed'])).toContain('GET /v1/models')
    for (const open of [[], ['gpt-*']]) {
      expect(advice(open)).toMatch(/provider\/model.*: oa, an$/)
      expect(advice(open)).not.toContain('GET /v1/models')
    }
  })

  test('every listed name resolves to the provider it is listed for', () => {
    const { data } = createModels(targets, resolve).list('openai') as { data: { id: string; owned_by: string }[] }
    expect(data.map(({ id }) => id)).toEqual([
      'gpt-4o',
      'shared',
      'second/shared',
      'gpt-4o-mini',
      'claude-x',
      'claude/gpt-4o',
      'second/listed',
      'both/echo',
      'newer/shared',
    ])
    for (const { id, owned_by } of data) {
      const dialect = owned_by === 'claude' ? 'anthropic' : 'openai'
      expect(decide(id, dialect)).toMatch(new RegExp(`^${owned_by}:`))
    }
  })
})
