/**
 * The compose files cannot be built by a test; what can be checked is that they fit each other, the contract and the
 * code.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../db/config/config.ts'
import { productRoot } from './clone.ts'

const read = (path: string): string => readFileSync(join(productRoot, path), 'utf8')

interface Service {
  command?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  ports?: string[]
  networks?: string[]
  user?: string
}
const compose = parse(read('docker/compose.yaml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: object
  networks: Record<string, object | null>
}
/** The outside contract's variables, and the key of its example configuration. */
const contractVariables = new Set([
  'PORT',
  'HOST',
  'ADMIN_PORT',
  'ADMIN_HOST',
  'SINEW_CONFIG',
  'SINEW_DATA_DIR',
  'SINEW_ADMIN_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'OPENROUTER_API_KEY',
  'DEMO_KEY',
])
const exampleVariables = [...read('docker/.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name as string)

test('compose runs the three processes and what they need', () => {
  expect(Object.keys(compose.services).sort()).toEqual([
    'control',
    'gateway',
    'learner',
    'postgres',
    'redis',
    'temporal',
  ])
  for (const [name, entry] of [
    ['gateway', 'gateway/server.ts'],
    ['control', 'gateway/control.ts'],
    ['learner', 'workflows/learner.ts'],
  ] as const) {
    expect(compose.services[name]?.command).toEqual(['node', entry])
  }
})

test('the gateway and its learner share the journal', () => {
  for (const name of ['gateway', 'learner']) expect(compose.services[name]?.volumes).toContain('journal:/data')
  expect(read('docker/Dockerfile')).toContain('SINEW_DATA_DIR=/data')
})

test('no container runs as root, and nothing is published beyond this machine', () => {
  expect(read('docker/Dockerfile').match(/^USER .*$/gm)).toEqual(['USER node'])
  const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports)
  expect(published).toHaveLength(2)
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/)
  for (const name of ['postgres', 'temporal', 'redis']) expect(compose.services[name]?.networks).toEqual(['inside'])
})

test('every variable of the example is in the contract, and so is every one that compose sets', () => {
  expect(exampleVariables.filter((name) => !contractVariables.has(name))).toEqual([])
  const set = ['gateway', 'control', 'learner'].flatMap((name) =>
    Object.keys(compose.services[name]?.environment ?? {}),
  )
  expect(set.filter((name) => !contractVariables.has(name))).toEqual([])
  const substituted = [...read('docker/compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name)
  expect(substituted.filter((name) => !exampleVariables.includes(name as string))).toEqual([])
})

test('the mounted configuration is valid once the example is filled in', () => {
  const { config, problems } = readConfig({
    SINEW_CONFIG: join(productRoot, 'docker/sinew.yaml'),
    DEMO_KEY: 'k'.repeat(32),
  })
  expect(problems).toEqual([])
  expect(config.keys).toEqual([{ name: 'demo', key: 'k'.repeat(32), team: 'default' }])
})

test('the image has the pinned Node, and every folder it copies exists', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: { node: string } }
  expect(read('docker/Dockerfile').match(/^FROM node:(\S+?)-/gm)).toEqual([
    `FROM node:${dependencies.node}-`,
    `FROM node:${dependencies.node}-`,
  ])
  const copied = [...read('docker/Dockerfile').matchAll(/COPY --from=build \/sinew\/(\S+)/g)].map(
    ([, path]) => path as string,
  )
  expect(copied.filter((path) => path !== 'admin/dist' && !existsSync(join(productRoot, path)))).toEqual([])
})
