/**
 * Every bad configuration prints each of its problems with the path, exits 1 and starts nothing: not even a data folder
 * is made.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeClone } from './clone.ts'
import { startSupervised } from './supervised.ts'

const clone = makeClone()
afterAll(() => clone.remove())
let runs = 0

interface Case {
  what: string
  env?: Record<string, string>
  yaml?: string
  /** The beginning of every line that must be printed; no other problem may be. */
  problems: string[]
}

const key = 'k'.repeat(32)
const cases: Case[] = [
  {
    what: 'a port that is not a number',
    env: { PORT: 'http' },
    problems: ['PORT: must be a port from 0 to 65535, not "http"'],
  },
  { what: 'a port that is too high', env: { ADMIN_PORT: '70000' }, problems: ['ADMIN_PORT: must be a port'] },
  {
    what: 'all four ports wrong',
    env: { PORT: '-1', ADMIN_PORT: 'x', TEMPORAL_PORT: '1.5', TEMPORAL_UI_PORT: '99999' },
    problems: ['PORT: ', 'ADMIN_PORT: ', 'TEMPORAL_PORT: ', 'TEMPORAL_UI_PORT: '],
  },
  {
    what: 'one port for two planes',
    env: { PORT: '18080', ADMIN_PORT: '18080' },
    problems: ['ADMIN_PORT: is the same as PORT (18080)'],
  },
  {
    what: 'one port for the gateway and Temporal',
    env: { PORT: '17233', TEMPORAL_PORT: '17233', TEMPORAL_ADDRESS: '' },
    problems: ['TEMPORAL_PORT: is the same as PORT (17233)'],
  },
  {
    what: 'a configuration file that is not there',
    env: { SINEW_CONFIG: '/no/such/file.yaml' },
    problems: ['SINEW_CONFIG: cannot read /no/such/file.yaml: ENOENT'],
  },
  { what: 'a file that is not YAML', yaml: 'providers: [', problems: ['SINEW_CONFIG: '] },
  { what: 'an unknown setting', yaml: 'provider: []', problems: ['provider: is not a known setting'] },
  {
    what: 'a provider without what it needs',
    yaml: 'providers: [{ name: mock }]',
    problems: ['providers[0].dialect: ', 'providers[0].baseUrl: '],
  },
  {
    what: 'an unknown dialect and a bad address',
    yaml: 'providers: [{ name: mock, dialect: gemini, baseUrl: "ftp://x" }]',
    problems: ['providers[0].dialect: ', 'providers[0].baseUrl: must be an http:// or https:// URL'],
  },
  {
    what: 'two providers of one name',
    yaml: 'providers: [{ name: a, dialect: openai, baseUrl: "http://x" }, { name: a, dialect: openai, baseUrl: "http://y" }]',
    problems: ['providers[1].name: is the same as providers[0].name'],
  },
  {
    what: 'a provider that takes the name of the simulation',
    yaml: 'providers: [{ name: sim, dialect: openai, baseUrl: "http://x" }]',
    problems: ['providers[0].name: sim is the built-in simulation'],
  },
  {
    what: 'a kind of provider that does not exist, and one that lacks its address',
    yaml: 'providers: [{ name: a, kind: nobody }, { name: b, kind: azure }]',
    problems: ['providers[1].baseUrl: is required for azure', 'providers[0].kind: must be one of openai, '],
  },
  {
    what: 'a variable that is not set',
    yaml: 'keys: [{ name: demo, key: ${NOT_SET} }]',
    problems: ['keys[0].key: the environment variable NOT_SET is not set'],
  },
  {
    what: 'timeouts that are no durations',
    yaml: 'providers: [{ name: a, dialect: openai, baseUrl: "http://x", timeouts: { connectMs: 0, idleMs: soon } }]',
    problems: ['providers[0].timeouts.connectMs: ', 'providers[0].timeouts.idleMs: '],
  },
  {
    what: 'a key with spaces',
    yaml: 'keys: [{ name: demo, key: "a b" }]',
    problems: ['keys[0].key: must be printable ASCII without spaces'],
  },
  { what: 'an analyst without key and model', yaml: 'claude: {}', problems: ['claude.apiKey: ', 'claude.model: '] },
  {
    what: 'a ramp that does not grow and other settings of experiments out of range',
    yaml: 'experiments: { ramp: [0.5, 0.1], holdback: 2, minimumPairs: 10, windowMs: 0, evry: 1 }',
    problems: [
      'experiments.ramp: ',
      'experiments.windowMs: ',
      'experiments.minimumPairs: ',
      'experiments.holdback: ',
      'experiments.evry: ',
    ],
  },
  {
    what: 'three people for an approval',
    yaml: 'learning: { enhance: { approvals: 3, expireAfterHours: 0 }, judge: { share: 2 }, replay: { maxCalls: -1 } }',
    problems: [
      'learning.enhance.approvals: ',
      'learning.enhance.expireAfterHours: ',
      'learning.judge.share: ',
      'learning.replay.maxCalls: ',
    ],
  },
  {
    what: 'learning limits out of range',
    yaml: 'learning: { enhance: { minExchanges: 0, maxSuccessRate: 2 } }',
    problems: ['learning.enhance.minExchanges: ', 'learning.enhance.maxSuccessRate: '],
  },
  {
    what: 'journal settings that do not exist',
    yaml: 'journal: { recording: maybe, durability: none, whenFull: wait }',
    problems: ['journal.recording: ', 'journal.durability: ', 'journal.whenFull: '],
  },
  { what: 'prices below nothing', yaml: 'prices: { gpt: { input: -1, output: 1 } }', problems: ['prices.gpt.input: '] },
  {
    what: 'a database that is not PostgreSQL',
    env: { DATABASE_URL: 'mysql://x' },
    problems: ['DATABASE_URL: must be a postgres:// or postgresql:// URL'],
  },
  {
    what: 'a Redis that is not one',
    env: { REDIS_URL: 'http://x' },
    problems: ['REDIS_URL: must be a redis:// or rediss:// URL'],
  },
  {
    what: 'a Temporal address without a port',
    env: { TEMPORAL_ADDRESS: 'temporal' },
    problems: ['TEMPORAL_ADDRESS: must be host:port'],
  },
  {
    what: 'open to the network without a key',
    env: { HOST: '0.0.0.0' },
    problems: ["HOST: listening on 0.0.0.0 needs a caller's key of at least 32 characters; make one with: "],
  },
  {
    what: 'open to the network behind a short key',
    env: { HOST: '0.0.0.0' },
    yaml: 'keys: [{ name: demo, key: short }]',
    problems: ['keys[0].key: listening on 0.0.0.0 needs'],
  },
  {
    what: 'an open admin plane behind a short token',
    env: { ADMIN_HOST: '0.0.0.0', SINEW_ADMIN_TOKEN: 'short' },
    problems: ['SINEW_ADMIN_TOKEN: listening on 0.0.0.0 needs'],
  },
  {
    what: 'one token for two people',
    env: { SINEW_ADMIN_TOKEN: key },
    yaml: `admins: [{ name: reviewer, token: ${key} }]`,
    problems: ['SINEW_ADMIN_TOKEN: is also the token of a person'],
  },
  {
    what: 'an address of another machine',
    env: { HOST: '192.0.2.1' },
    yaml: `keys: [{ name: demo, key: ${key} }]`,
    problems: ['HOST: 192.0.2.1 is not an address of this machine'],
  },
  {
    what: 'problems in three places at once',
    env: { PORT: 'x', TEMPORAL_ADDRESS: 'nowhere' },
    yaml: 'keys: [{ name: "a/b", key: x }]',
    problems: ['keys[0].name: ', 'PORT: ', 'TEMPORAL_ADDRESS: '],
  },
]

/** Runs the supervisor on a data folder that is not there yet. */
async function refuse({
  env = {},
  yaml,
}: Pick<Case, 'env' | 'yaml'>): Promise<{ code: number | null; lines: string[]; dataDir: string; output: string }> {
  const folder = join(clone.root, `case-${runs++}`)
  mkdirSync(folder)
  const dataDir = join(folder, 'data')
  const config = join(folder, 'sinew.yaml')
  if (yaml !== undefined) writeFileSync(config, yaml)
  const product = startSupervised(
    clone,
    { SINEW_DATA_DIR: dataDir, ...(yaml === undefined ? {} : { SINEW_CONFIG: config }), ...env },
    ['docker/supervisor/supervisor.ts'],
  )
  const code = await product.exited
  const lines = product
    .output()
    .split('\n')
    .filter((line) => line && !line.startsWith('sinew  '))
  return { code, lines, dataDir, output: product.output() }
}

describe('nothing is started', { concurrent: true }, () => {
  test.each(cases)('with $what', async (one) => {
    const { code, lines, dataDir } = await refuse(one)
    expect(code).toBe(1)
    expect(
      lines.map((line, index) => (line.startsWith(one.problems[index] ?? '\0') ? one.problems[index] : line)),
    ).toEqual(one.problems)
    expect(existsSync(join(dataDir, 'caller-key')) || existsSync(join(dataDir, 'run/gateway.pid'))).toBe(false)
  })

  test('with ports that other programs have, each under its variable', async () => {
    const servers = [createServer(), createServer(), createServer(), createServer()]
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))))
    const [PORT, ADMIN_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT] = servers.map((server) =>
      String((server.address() as { port: number }).port),
    ) as [string, string, string, string]
    const { code, lines } = await refuse({
      env: { PORT, ADMIN_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT, TEMPORAL_ADDRESS: '' },
    })
    expect(code).toBe(1)
    expect(lines.map((line) => line.split(':')[0])).toEqual(['PORT', 'ADMIN_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'])
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  })

  test('with a data folder that cannot be made', async () => {
    const file = join(clone.root, 'a-file')
    writeFileSync(file, '')
    const { code, lines } = await refuse({ env: { SINEW_DATA_DIR: join(file, 'data') } })
    expect(code).toBe(1)
    expect(lines).toEqual([`SINEW_DATA_DIR: cannot use ${join(file, 'data')}: ENOTDIR`])
  })

  test('and no secret is repeated', async () => {
    const { output } = await refuse({
      env: { DATABASE_URL: 'mysql://user:hunter22@host', SINEW_ADMIN_TOKEN: 'spaced hunter22' },
    })
    expect(output).not.toContain('hunter22')
  })
})
