import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeClone, type Clone } from './clone.ts'
import { processesOf, startSupervised, type Supervised } from './supervised.ts'

let clone: Clone
const started: Supervised[] = []
beforeEach(() => {
  clone = makeClone('a clone')
})
afterEach(async () => {
  for (const { pid } of started) signal(-pid, 'SIGTERM')
  await Promise.all(started.splice(0).map(({ exited }) => exited))
  clone.remove()
})

function start(env?: Record<string, string>): Supervised {
  const product = startSupervised(clone, env)
  started.push(product)
  return product
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}

const nothingIsLeft = () => expect.poll(() => processesOf(clone), { timeout: 30_000 }).toEqual([])

test.concurrent('serving is said with the banner, ready with the addresses', async ({ expect }) => {
  const own = makeClone()
  const product = startSupervised(own, { SINEW_ADMIN_TOKEN: 'token-of-the-test' })
  const [, gateway, admin] = await product.says(/sinew ready gateway=(\S+) admin=(\S+) temporal=(\S+)/)
  expect(product.output()).toContain(`sinew serving gateway=${gateway}\n`)
  expect(product.output()).toContain(`${admin}/sign-in#token=token-of-the-test\n`)
  expect(product.output()).toMatch(new RegExp(`curl ${gateway}/v1/chat/completions .*sim/echo`))
  process.kill(product.pid, 'SIGTERM')
  expect(await product.exited).toBe(0)
  own.remove()
})

test('SIGTERM stops everything in order, with exit code 0 and no process left', async () => {
  const product = start()
  await product.says(/sinew ready/)
  expect(processesOf(clone).length).toBeGreaterThanOrEqual(process.platform === 'linux' ? 4 : 0)
  process.kill(product.pid, 'SIGTERM')
  expect(await product.exited).toBe(0)
  const order = [...product.output().matchAll(/(gateway|control|learner) +ended by SIGTERM/g)].map(([, name]) => name)
  expect(order).toEqual(['gateway', 'control', 'learner'])
  await nothingIsLeft()
}, 30_000)

test('one Ctrl-C that arrives at every process of the terminal lets requests finish', async () => {
  const product = start({ STAND_IN_DRAIN_MS: '300' })
  await product.says(/sinew ready/)
  // The terminal's and npm's.
  process.kill(-product.pid, 'SIGINT')
  process.kill(product.pid, 'SIGINT')
  expect(await product.exited).toBe(0)
  expect(product.output()).not.toContain('SIGKILL')
  expect(product.output()).toContain('sinew  stopped')
}, 30_000)

test('a second Ctrl-C does not wait for open requests', async () => {
  const product = start({ STAND_IN_DRAIN_MS: '60000' })
  await product.says(/sinew ready/)
  process.kill(product.pid, 'SIGINT')
  await product.says(/gateway +ended by SIGINT|gateway +ended by SIGTERM/)
  const repeat = setInterval(() => signal(product.pid, 'SIGINT'), 200)
  expect(await product.exited).toBe(0)
  clearInterval(repeat)
  await nothingIsLeft()
}, 30_000)

test('a gateway that never works does not keep the rest from being stopped', async () => {
  writeFileSync(join(clone.root, 'gateway/server.ts'), 'process.exit(3)')
  const product = start()
  await Promise.all([product.says(/gateway +exit code 3; starting it again/), product.says(/learner +started/)])
  process.kill(product.pid, 'SIGTERM')
  expect(await product.exited).toBe(0)
  expect(product.output()).not.toContain('sinew serving')
  await nothingIsLeft()
}, 30_000)

test('a reader that goes away changes nothing', async () => {
  const product = start()
  await product.says(/sinew serving/)
  product.closeOutput()
  await expect.poll(() => product.pidOf('learner'), { timeout: 30_000 }).not.toBe(0)
  const pid = product.pidOf('learner')
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => [0, pid].includes(product.pidOf('learner')), { timeout: 30_000 }).toBe(false)
  process.kill(product.pid, 'SIGTERM')
  expect(await product.exited).toBe(0)
  await nothingIsLeft()
}, 30_000)

test('a process that is killed comes back under a new pid', async () => {
  const product = start()
  await product.says(/sinew ready/)
  for (const name of ['gateway', 'learner', 'control']) {
    const pid = product.pidOf(name)
    process.kill(pid, 'SIGKILL')
    await product.says(new RegExp(`${name} +works again`))
    expect(product.pidOf(name)).not.toBe(pid)
    expect(product.output()).toMatch(new RegExp(`${name} +ended by SIGKILL; starting it again`))
  }
}, 30_000)

test.each(['supervisor', 'launcher'])(
  'a %s that is killed leaves no process behind',
  async (victim) => {
    const product = start()
    await product.says(/sinew ready/)
    process.kill(victim === 'launcher' ? product.pid : product.pidOf('supervisor'), 'SIGKILL')
    await product.exited
    await nothingIsLeft()
  },
  30_000,
)

test('a second start on the same data folder is refused, naming the first and every port it holds', async () => {
  const first = start()
  const [, port = ''] = await first.says(/sinew ready gateway=http:\/\/127.0.0.1:(\d+)/)
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(Number(port), '127.0.0.1', resolve))
  const second = start({ PORT: port, ADMIN_PORT: '0' })
  expect(await second.exited).toBe(1)
  expect(second.output()).toMatch(
    new RegExp(`^SINEW_DATA_DIR: a supervisor \\(pid ${first.pidOf('supervisor')}\\) already works on `, 'm'),
  )
  expect(second.output()).toMatch(new RegExp(`^PORT: port ${port} on 127.0.0.1 is taken`, 'm'))
  expect(first.pidOf('supervisor')).toBeGreaterThan(0)
  await new Promise((resolve) => holder.close(resolve))
}, 30_000)

test('a start waits for the gateway that a killed supervisor left draining', async () => {
  const first = start({ STAND_IN_DRAIN_MS: '700' })
  await first.says(/sinew ready/)
  const [supervisor, gateway] = [first.pidOf('supervisor'), first.pidOf('gateway')]
  process.kill(supervisor, 'SIGKILL')
  const second = start()
  await second.says(/sinew ready/)
  expect(second.pidOf('gateway')).not.toBe(gateway)
  expect(second.output()).not.toContain('starting it again')
}, 30_000)
