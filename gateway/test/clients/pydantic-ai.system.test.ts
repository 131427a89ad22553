/** pydantic-ai, told the gateway's address and key and nothing else, runs its own tools through it. */
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { spawnProgram, waitForClose } from '../../../docker/process/running.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { callerKey, closeAll, unexpected, type TestGateway } from '../harness.ts'
import { findPython, pydanticAi, type FoundPython } from './python-program.ts'
import { errors, prompts, usage } from './said.ts'
import { openProvider, providers } from './suite.ts'

const script = fileURLToPath(new URL('pydantic-ai.py', import.meta.url))
const wires = Object.keys(providers) as Wire[]

let found: FoundPython
beforeAll(async () => {
  found = await findPython(pydanticAi, process.env)
}, 300_000)
afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

interface Ran {
  output?: string
  failed?: string
  ran: { name: string; city?: string; days?: number[] }[]
  input?: number
  answered?: number
}

async function ask(
  { url }: TestGateway,
  python: string,
  { wire, prompt, stream }: { wire: Wire; prompt: string; stream: boolean },
): Promise<Ran> {
  const child = await spawnProgram(python, [script], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(60_000),
  })
  let printed = ''
  let complained = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  child.stdin?.end(JSON.stringify({ wire, url, key: callerKey, model: 'm-1', prompt, stream }))
  const code = await waitForClose(child)
  if (!printed.startsWith('{')) throw new Error(`${code}: ${printed} ${complained.slice(-2_000)}`)
  return JSON.parse(printed) as Ran
}

describe.each(wires)('pydantic-ai, from a provider that speaks %s', (provider) => {
  describe.each(wires)('by its model for %s', (wire) => {
    test.each([false, true])(
      'runs its tools and says what it heard (stream: %s)',
      { timeout: 120_000 },
      async (stream) => {
        if ('missing' in found) expect.fail(found.missing)
        const { gateway, standIn } = await openProvider(provider, 'm-1')
        const heard = await ask(gateway, found.python, { wire, prompt: prompts.weather, stream })
        expect(heard.failed).toBeUndefined()
        expect(heard.ran.toSorted((a, b) => (a.city ?? '').localeCompare(b.city ?? ''))).toEqual([
          { name: 'clock' },
          { name: 'weather', city: 'Paris', days: null },
          { name: 'weather', city: 'Zürich "Mitte"', days: [1, 2] },
        ])
        expect(heard.output).toBe('So: [weather sunny in Zürich "Mitte"][weather sunny in Paris][clock noon]')
        expect(heard).toMatchObject({ input: 2 * usage.input, answered: 2 * usage.output })
        expect(
          standIn.asked.map(({ wire: spoken, stream: asked, results }) => [spoken, asked, results.length]),
        ).toEqual([
          [provider, stream, 0],
          [provider, stream, 3],
        ])
        expect(gateway.journal.outcomes().map(({ outcome }) => outcome.status)).toEqual(['ok', 'ok'])
      },
    )

    test('shows a provider’s error as it is', { timeout: 120_000 }, async () => {
      if ('missing' in found) expect.fail(found.missing)
      const { gateway } = await openProvider(provider, 'm-1')
      const heard = await ask(gateway, found.python, { wire, prompt: prompts.badField, stream: false })
      expect(heard.failed).toContain(errors.badField?.message)
      expect(heard.failed).toContain('400')
    })
  })
})
