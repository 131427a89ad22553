import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { findPort, findPorts, toUrl } from '../process/ports.ts'

async function occupy(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    free: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

test('every port that is taken is a problem of its own variable, all at once', async () => {
  const taken = await Promise.all([occupy(), occupy(), occupy(), occupy()])
  const variables = ['PORT', 'ADMIN_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT']
  const { problems } = await findPorts(
    variables.map((variable, index) => ({ variable, host: '127.0.0.1', port: taken[index]?.port ?? 0 })),
  )
  expect(problems.map(({ path }) => path)).toEqual(variables)
  expect(problems[0]?.message).toBe(
    `port ${taken[0]?.port} on 127.0.0.1 is taken by another program; stop that, or set PORT to a free port (0 = any)`,
  )
  await Promise.all(taken.map(({ free }) => free()))
})

test('ports that may be any are all different', async () => {
  const { ports, problems } = await findPorts(
    ['a', 'b', 'c', 'd'].map((variable) => ({ variable, host: '127.0.0.1', port: 0 })),
  )
  expect(problems).toEqual([])
  expect(new Set(Object.values(ports)).size).toBe(4)
  // Of those that systems hand out by themselves, one could be gone before it is used.
  for (const port of Object.values(ports)) expect(port).toBeLessThan(32_768)
})

test('an address of another machine is a problem of the host variable', async () => {
  const { problems } = await findPorts([{ variable: 'PORT', hostVariable: 'HOST', host: '192.0.2.1', port: 0 }])
  expect(problems).toEqual([{ path: 'HOST', message: '192.0.2.1 is not an address of this machine' }])
})

test('a remembered port is used again while it is free, and given up when it is not', async () => {
  const taken = await occupy()
  expect(await findPort('127.0.0.1', taken.port)).not.toBe(taken.port)
  await taken.free()
  expect(await findPort('127.0.0.1', taken.port)).toBe(taken.port)
})

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
  ['gateway.local', 'http://gateway.local:8080'],
])('what listens on %s is reached at %s', (host, url) => expect(toUrl(host, 8080)).toBe(url))
