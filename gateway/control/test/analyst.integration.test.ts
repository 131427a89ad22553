/** Switching the analyst on and off in the admin: who may be chosen, who did it, and who is told. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openNotifications } from '../../../db/notifications.ts'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import { startAdmin, tokens, waitFor, type Admin } from './admin.ts'

const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1 }
const providers: ProviderConfig[] = [
  {
    name: 'chat',
    kind: 'openai-compatible',
    dialect: 'openai',
    baseUrl: 'https://chat.test/v1',
    apiKey: 'secret-chat',
    models: [],
    timeouts,
  },
  {
    name: 'claude-api',
    kind: 'anthropic-compatible',
    dialect: 'anthropic',
    baseUrl: 'https://claude.test',
    apiKey: 'secret-claude',
    models: [],
    timeouts,
  },
  {
    name: 'keyless',
    kind: 'anthropic-compatible',
    dialect: 'anthropic',
    baseUrl: 'https://keyless.test',
    apiKey: null,
    models: [],
    timeouts,
  },
]
const claude = {
  baseUrl: 'https://configured.test',
  apiKey: 'secret',
  model: 'configured',
  maxCallsPerDay: 5,
  maxTokensPerDay: 1_000,
}

let admin: Admin
beforeEach(async () => {
  admin = await startAdmin({ config: { providers } })
})
afterEach(() => admin.close())

const status = async (): Promise<any> => (await admin.query('system.status')).data.analyst
const settings = async (): Promise<unknown[]> =>
  (await admin.seed.client.query('select key, value, updated_by from settings')).rows

describe('a person', () => {
  test('switches an analyst on and off again; it names the person, the moment and the host, and never a key', async () => {
    expect(await status()).toMatchObject({
      configured: false,
      source: null,
      provider: null,
      switchedBy: null,
      switchedAt: null,
      candidates: [{ provider: 'claude-api', host: 'claude.test' }],
    })
    const switchedFrom = Date.now()
    const on = await admin.mutate('system.switchAnalyst', { provider: 'claude-api' }, tokens.reviewer)
    expect(on.data).toMatchObject({
      configured: true,
      source: 'admin',
      provider: 'claude-api',
      model: 'claude-sonnet-4-5',
      host: 'claude.test',
      switchedBy: 'reviewer',
      maxCallsPerDay: 50,
      maxTokensPerDay: 200_000,
    })
    expect(Date.parse(on.data.switchedAt)).toBeGreaterThanOrEqual(switchedFrom)
    expect(await status()).toEqual(on.data)
    expect(await settings()).toEqual([
      { key: 'analyst', value: { provider: 'claude-api', model: 'claude-sonnet-4-5' }, updated_by: 'reviewer' },
    ])
    await admin.mutate('system.switchAnalyst', { provider: 'claude-api', model: 'claude-other' })
    expect(await status()).toMatchObject({ model: 'claude-other', switchedBy: 'admin' })
    await admin.mutate('system.switchAnalyst', { provider: null }, tokens.reviewer)
    expect(await status()).toMatchObject({
      configured: false,
      source: null,
      provider: null,
      model: null,
      host: null,
      switchedBy: 'reviewer',
    })
    expect(await settings()).toEqual([{ key: 'analyst', value: null, updated_by: 'reviewer' }])
    expect(JSON.stringify([on.data, await status()])).not.toContain('secret')
  })

  test('wakes open pages and, by switching on, each draft that waits for an analyst', async () => {
    const drafting = await admin.seed.enhancement({
      patternId: await admin.seed.pattern(),
      state: 'drafting',
      enhanced: null,
    })
    await admin.seed.enhancement({ patternId: await admin.seed.pattern(), state: 'proposed' })
    const heard: string[] = []
    const listener = openNotifications(
      admin.database.url,
      ['sinew_learning', 'sinew_outbox'],
      (channel, payload) => payload !== null && heard.push(`${channel} ${payload}`),
    )
    await waitFor(() => listener.connected, 'the channels are open')
    await admin.mutate('system.switchAnalyst', { provider: 'claude-api' })
    await waitFor(
      () => heard.includes('sinew_learning analyst') && heard.includes(`sinew_outbox enhancement/${drafting}`),
      'both are told',
    )
    await admin.mutate('system.switchAnalyst', { provider: null })
    const { rows } = await admin.seed.client.query('select kind, workflow_id, name from workflow_commands')
    expect(rows).toEqual([{ kind: 'signal', workflow_id: `enhancement/${drafting}`, name: 'analystSwitched' }])
    await listener.close()
  })

  test('sees on a weak pattern that there is no analyst, and no more once there is one', async () => {
    const id = await admin.seed.pattern({ frequency: 30, successes: 3, failures: 27 })
    const note = async (): Promise<string | null> => (await admin.query('patterns.get', { id })).data.note
    expect(await note()).toBe('no analyst configured')
    await admin.mutate('system.switchAnalyst', { provider: 'claude-api' })
    expect(await note()).toBeNull()
    expect((await admin.query('patterns.list')).data.items[0].note).toBeNull()
  })
})

test.each([
  ['nothing', {}, 'provider: '],
  ['an empty provider', { provider: '' }, 'provider: '],
  ['a provider nobody configured', { provider: 'nobody' }, 'provider: there is no configured provider nobody'],
  ['the simulation', { provider: 'sim' }, 'provider: there is no configured provider sim'],
  ['a provider of the other dialect', { provider: 'chat' }, 'provider: chat speaks the openai dialect'],
  ['a provider without a key', { provider: 'keyless' }, 'provider: keyless has no apiKey'],
  ['an empty model', { provider: 'claude-api', model: '' }, 'model: '],
  ['a model with spaces', { provider: 'claude-api', model: 'two words' }, 'model: must be the name of a model'],
  ['a field nobody knows', { provider: 'claude-api', key: 'k' }, 'key: is not a known field'],
])('%s is refused by its field, and nothing is switched', async (_, input, message) => {
  const { status: code, error } = await admin.mutate('system.switchAnalyst', input)
  expect([code, error?.data.code]).toEqual([400, 'BAD_REQUEST'])
  expect(error?.message).toContain(message)
  expect(await settings()).toEqual([])
})

test('where the configuration names the analyst nobody switches it, and what was switched before counts no more', async () => {
  await admin.close()
  admin = await startAdmin({ config: { providers, claude } })
  await admin.seed.client.query(
    `insert into settings (key, value, updated_by) values ('analyst', '{"provider":"claude-api","model":"m"}', 'reviewer')`,
  )
  for (const provider of ['claude-api', null]) {
    const { status: code, error } = await admin.mutate('system.switchAnalyst', { provider })
    expect([code, error?.data.code, error?.message]).toEqual([
      409,
      'CONFLICT',
      expect.stringContaining('under claude:'),
    ])
  }
  expect(await status()).toMatchObject({
    configured: true,
    source: 'configuration',
    provider: null,
    model: 'configured',
    host: 'configured.test',
    switchedBy: null,
    maxCallsPerDay: 5,
  })
})

test('a provider that has left the configuration is said to be the one that was switched on, and is not asked', async () => {
  await admin.seed.client.query(
    `insert into settings (key, value, updated_by) values ('analyst', '{"provider":"former","model":"m"}', 'reviewer')`,
  )
  expect(await status()).toMatchObject({
    configured: false,
    source: null,
    provider: 'former',
    host: null,
    switchedBy: 'reviewer',
  })
})
