/** What `GET /v1/models` says where the configuration leaves names open, and whom an environment's key serves. */
import OpenAI from 'openai'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../db/config/config.ts'
import { createResolveModel } from '../providers/resolve-model.ts'
import { openTarget } from '../providers/targets.ts'
import { atEnd, callerKey, closeAll, makeFolder, startGateway, startUpstream, unexpected, until } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

/** The providers that these variables bring, without a file. */
function openFromEnvironment(env: Record<string, string>) {
  const targets = readConfig(env).config.providers.map((provider) => openTarget(provider, true))
  atEnd(() => Promise.all(targets.map(({ pool }) => pool.destroy())))
  const resolve = createResolveModel(targets)
  return (
    model: string,
    dialect: 'openai' | 'anthropic' = 'openai',
    wire: 'chat' | 'messages' | 'responses' | null = 'chat',
  ) => {
    const decision = resolve(model, { dialect, wire })
    return 'code' in decision ? decision.code : decision.target.name
  }
}

describe('a key in the environment serves all that its vendor’s client can ask', () => {
  test.each([
    'text-embedding-3-small',
    'text-embedding-ada-002',
    'omni-moderation-latest',
    'whisper-1',
    'tts-1-hd',
    'dall-e-3',
    'gpt-image-1',
    'sora-2',
    'davinci-002',
    'babbage-002',
    'ft:gpt-4o-mini-2024-07-18:org::Ab1',
    'ft:o4-mini:org::x',
    'codex-mini-latest',
    'computer-use-preview',
    'gpt-5.5',
    'a-name-of-next-year',
  ])('OpenAI’s serves %s, whatever other keys there are', (model) => {
    const decide = openFromEnvironment({
      OPENAI_API_KEY: 'a',
      ANTHROPIC_API_KEY: 'b',
      MISTRAL_API_KEY: 'c',
      OPENROUTER_API_KEY: 'd',
    })
    expect(decide(model)).toBe('openai')
    expect(decide(model, 'openai', null)).toBe('openai')
  })

  test.each([
    [{ ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'b' }, 'a-name-of-next-year', 'anthropic', 'messages', 'anthropic'],
    [{ ANTHROPIC_API_KEY: 'a' }, 'claude-next', 'anthropic', 'messages', 'anthropic'],
    [{ OPENROUTER_API_KEY: 'a' }, 'meta-llama/llama-4', 'openai', 'chat', 'openrouter'],
    [{ OPENROUTER_API_KEY: 'a' }, 'anthropic/claude-x', 'anthropic', 'messages', 'openrouter'],
    [{ GEMINI_API_KEY: 'a' }, 'text-embedding-004', 'openai', null, 'google'],
    [{ MISTRAL_API_KEY: 'a' }, 'mistral-embed', 'openai', null, 'mistral'],
    [{ MISTRAL_API_KEY: 'a', OPENAI_API_KEY: 'b' }, 'ft:open-mistral-7b:587a6b29:x', 'openai', 'chat', 'mistral'],
    [{ COHERE_API_KEY: 'a', OPENAI_API_KEY: 'b' }, 'embed-v4.0', 'openai', null, 'cohere'],
    [{ GROQ_API_KEY: 'a' }, 'llama-3.3-70b-versatile', 'openai', 'chat', 'groq'],
    [{ TOGETHER_API_KEY: 'a' }, 'Qwen/Qwen3', 'openai', 'chat', 'together'],
    // Nobody of the caller's family: it is not handed to a stranger.
    [{ OPENAI_API_KEY: 'a' }, 'a-name-of-next-year', 'anthropic', 'messages', 'unknown_model'],
  ] as const)('%o and %s asked in %s (%s) leads to %5$s', (env, model, dialect, wire, name) =>
    expect(openFromEnvironment(env)(model, dialect, wire)).toBe(name),
  )

  test('where the file names providers, an unknown name stays an error: it may be a typing error', async () => {
    const { providers } = readConfig({ OPENAI_API_KEY: 'a' }).config
    const gateway = await startGateway({ providers: [{ name: 'own', models: ['m'] }, ...providers] })
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}` },
      body: '{"model":"a-name-of-next-year","messages":[{"role":"user","content":"Hi"}]}',
    })
    expect(answer.status).toBe(404)
  })
})

/** Providers that list models of their own; names of the first two are left open. */
async function open(dataDir = makeFolder()) {
  let models = ['gpt-4o', 'gpt-5', 'text-embedding-3-small', 'whisper-1']
  let status = 200
  const upstream = await startUpstream((request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    if (status !== 200) return response.end('{}')
    const url = new URL(request.url as string, 'http://x')
    if (url.pathname === '/oa/v1/models')
      return response.end(
        JSON.stringify({
          object: 'list',
          data: models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'system' })),
        }),
      )
    if (url.pathname !== '/an/v1/models') return response.end('{"input_tokens":1}')
    const page = url.searchParams.get('after_id') === null ? ['claude-a'] : ['claude-b']
    response.end(
      JSON.stringify({
        data: page.map((id) => ({ type: 'model', id, display_name: 'Claude', created_at: '2025-02-19T00:00:00Z' })),
        has_more: page[0] === 'claude-a',
        first_id: page[0],
        last_id: page[0],
      }),
    )
  })
  const gateway = await startGateway({
    dataDir,
    providers: [
      {
        name: 'oa',
        dialect: 'openai',
        baseUrl: `${upstream.origin}/oa/v1`,
        apiKey: 'key-oa',
        models: ['gpt-*', 'text-*'],
      },
      { name: 'an', dialect: 'anthropic', baseUrl: `${upstream.origin}/an`, apiKey: 'key-an', models: ['claude-*'] },
      { name: 'fixed', dialect: 'openai', baseUrl: `${upstream.origin}/fixed/v1`, models: ['own', 'gpt-5'] },
    ],
  })
  return {
    upstream,
    gateway,
    change: (next: string[], nextStatus = 200) => ((models = next), (status = nextStatus)),
    openai: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: gateway.url, apiKey: callerKey, maxRetries: 0 }),
  }
}

const idsOf = async (list: AsyncIterable<{ id: string }>): Promise<string[]> => {
  const ids: string[] = []
  for await (const { id } of list) ids.push(id)
  return ids
}
async function untilListed({ url }: { url: string }, ids: string[]): Promise<void> {
  let last: string[] = []
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${callerKey}` } })
    last = ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id)
  }
  for (let tries = 0; tries < 500 && last.join() !== ids.join(); tries++) await ask()
  expect(last).toEqual(ids)
}
const listed = ['gpt-4o', 'gpt-5', 'text-embedding-3-small', 'claude-a', 'claude-b', 'own', 'fixed/gpt-5']

describe('the list of models', () => {
  test('names what providers with open names list themselves, all pages of it, in both families’ shapes', async () => {
    const { gateway, openai, anthropic, upstream } = await open()
    expect(await idsOf(await openai.models.list())).toEqual(['own', 'fixed/gpt-5'])
    gateway.gateway.followProviders()
    await untilListed(gateway, listed)
    expect(await idsOf(await openai.models.list())).toEqual(listed)
    expect(await idsOf(await anthropic.models.list())).toEqual(listed)
    expect(await openai.models.retrieve('gpt-5')).toMatchObject({ id: 'gpt-5', created: 1_700_000_000, owned_by: 'oa' })
    expect(await anthropic.models.retrieve('claude-b')).toMatchObject({
      display_name: 'Claude',
      created_at: '2025-02-19T00:00:00.000Z',
    })
    expect(upstream.seen.map(({ url }) => url)).not.toContain('/fixed/v1/models')
    expect(upstream.seen.every(({ headers }) => !JSON.stringify(headers).includes(callerKey))).toBe(true)
    expect(gateway.journal.entries).toEqual([])
  })

  test('is the last good one where a provider does not answer, after a start too', async () => {
    const dataDir = makeFolder()
    const first = await open(dataDir)
    first.gateway.gateway.followProviders()
    await untilListed(first.gateway, listed)
    await first.gateway.gateway.close()
    const { port } = new URL(first.upstream.origin)
    first.change([], 500)
    const again = await startGateway({
      dataDir,
      providers: [
        { name: 'oa', baseUrl: `http://127.0.0.1:${port}/oa/v1`, models: ['gpt-*', 'text-*'] },
        { name: 'moved', baseUrl: 'http://127.0.0.1:1/v1', models: ['claude-*'] },
      ],
    })
    again.gateway.followProviders()
    await until('the question', () => first.upstream.seen.length > 3)
    await untilListed(again, ['gpt-4o', 'gpt-5', 'text-embedding-3-small'])
  })

  test('describes every name that would be served, before any list has come, and no other', async () => {
    const { openai, anthropic } = await open()
    expect(await openai.models.retrieve('gpt-4o-audio')).toMatchObject({
      id: 'gpt-4o-audio',
      object: 'model',
      owned_by: 'oa',
    })
    expect(await openai.models.retrieve('oa/gpt-4o')).toMatchObject({ id: 'oa/gpt-4o', owned_by: 'oa' })
    expect(await anthropic.models.retrieve('claude-next')).toMatchObject({ type: 'model', id: 'claude-next' })
    for (const name of ['nothing', 'oa/nothing', 'fixed/nothing', 'nobody/gpt-4o'])
      await expect(openai.models.retrieve(name)).rejects.toMatchObject({ status: 404, param: 'model' })
    await expect(anthropic.models.retrieve('nothing')).rejects.toMatchObject({ status: 404 })
  })
})

describe('a model that is listed nowhere', () => {
  test('goes, where it is no prompt, to the only provider of its family, which says best whether it has it', async () => {
    const { upstream, anthropic, gateway } = await open()
    expect(await anthropic.messages.countTokens({ model: 'unheard-of', messages: [] })).toEqual({ input_tokens: 1 })
    expect(upstream.seen.at(-1)?.url).toBe('/an/v1/messages/count_tokens')
    const answer = await fetch(`${gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
      body: '{"model":"unheard-of","input":"a"}',
    })
    expect(answer.status).toBe(404)
  })
})
