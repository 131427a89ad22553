/** curl, as a shell script would use it: what is printed is what the provider wrote. */
import { execFile, spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { callerKey, closeAll, unexpected, until } from '../harness.ts'
import { breakage, errors, prompts, type Scenario } from './said.ts'
import { speakers } from './stand-in.ts'
import { openProvider } from './suite.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const wires = Object.keys(speakers) as Wire[]

function toBody(wire: Wire, scenario: Scenario, stream: boolean): object {
  const content = prompts[scenario]
  if (wire === 'responses') return { model: 'm-1', input: content, stream }
  return {
    model: 'm-1',
    messages: [{ role: 'user', content }],
    stream,
    ...(wire === 'messages' && { max_tokens: 100 }),
  }
}

const toArguments = (url: string, wire: Wire, body: object): string[] => [
  '--silent',
  '--show-error',
  '--no-buffer',
  `${url}${speakers[wire].path}`,
  '-H',
  'content-type: application/json',
  ...(wire === 'messages'
    ? ['-H', `x-api-key: ${callerKey}`, '-H', 'anthropic-version: 2023-06-01']
    : ['-H', `Authorization: Bearer ${callerKey}`]),
  '-d',
  JSON.stringify(body),
]

interface Printed {
  code: number
  /** Without the status, which curl is asked to print last. */
  body: string
  status: number
}

function curl(url: string, wire: Wire, body: object): Promise<Printed> {
  return new Promise((resolve) => {
    execFile('curl', [...toArguments(url, wire, body), '--write-out', '\n%{http_code}'], (error, printed) => {
      const end = printed.lastIndexOf('\n')
      resolve({
        code: typeof error?.code === 'number' ? error.code : 0,
        body: printed.slice(0, end),
        status: Number(printed.slice(end + 1)),
      })
    })
  })
}

describe.each(wires)('curl, %s', (wire) => {
  test.each([{ stream: false }, { stream: true }])(
    'prints the same as without the gateway, stream $stream',
    async ({ stream }) => {
      const { gateway, standIn } = await openProvider(wire, 'm-1')
      const body = toBody(wire, 'hello', stream)
      const direct = await curl(standIn.origin, wire, body)
      expect(direct).toMatchObject({ code: 0, status: 200, body: expect.stringContaining('Hé') as string })
      expect(await curl(gateway.url, wire, body)).toEqual(direct)
    },
  )

  test.each(['badField', 'tooMany', 'down'] as const)("prints a provider's error to the byte: %s", async (scenario) => {
    const { gateway, standIn } = await openProvider(wire, 'm-1')
    const body = toBody(wire, scenario, false)
    const direct = await curl(standIn.origin, wire, body)
    expect(direct).toMatchObject({
      status: errors[scenario]?.status,
      body: expect.stringContaining(errors[scenario]?.message ?? '?') as string,
    })
    expect(await curl(gateway.url, wire, body)).toEqual(direct)
  })

  test('prints an error in the middle of a stream; of a stream that breaks off it says that it did', async () => {
    const { gateway } = await openProvider(wire, 'm-1')
    expect((await curl(gateway.url, wire, toBody(wire, 'breaks', true))).body).toContain(breakage)
    expect((await curl(gateway.url, wire, toBody(wire, 'truncates', true))).code).not.toBe(0)
  })

  test('prints what has come while the rest is not there yet, and ends the call upstream when it is stopped', async () => {
    const { gateway, standIn } = await openProvider(wire, 'm-1')
    const child = spawn('curl', toArguments(gateway.url, wire, toBody(wire, 'hangs', true)), {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await until('the first words', () => printed.includes('Hé'))
    child.kill('SIGINT')
    await until('the upstream is let go', () => standIn.left === 1)
    expect((await until('the outcome', () => gateway.journal.outcomes()[0])).outcome).toMatchObject({
      status: 'cancelled',
    })
  })
})
