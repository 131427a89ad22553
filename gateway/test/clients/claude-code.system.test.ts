/** Claude Code, told the gateway's address and key and nothing else, uses its own tools through it. */
import { readAnswer } from '../../../workflows/test/recorded.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { callerKey, closeAll, makeFolder, unexpected, type TestGateway } from '../harness.ts'
import { claudeCode, findNpmProgram, runCommand, type Command } from './npm-program.ts'
import { errors, prompts } from './said.ts'
import { openProvider, providers } from './suite.ts'

let command: Command | string
beforeAll(async () => {
  command = await findNpmProgram(claudeCode, process.env)
})
afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

/** A home of its own, so that nothing of the user's is read or written. */
async function ask(
  gateway: TestGateway,
  program: Command,
  cwd: string,
  prompt: string,
): Promise<{
  result: string
  is_error: boolean
  api_error_status: number | null
  usage: { input_tokens: number; output_tokens: number }
}> {
  const { printed, code, complained } = await runCommand(
    program,
    ['-p', prompt, '--output-format', 'json', '--model', 'claude-sonnet-4-5'],
    {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: cwd,
        ANTHROPIC_BASE_URL: gateway.url,
        ANTHROPIC_API_KEY: callerKey,
        // Its own reports go elsewhere, and it asks again for minutes.
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '0',
      },
    },
  )
  if (!printed.startsWith('{')) throw new Error(`${code}: ${printed} ${complained}`)
  return JSON.parse(printed) as Awaited<ReturnType<typeof ask>>
}

describe.each(Object.keys(providers) as Wire[])('Claude Code, from a provider that speaks %s', (wire) => {
  test('reads a file by its own tool and says what it heard', async ({ skip }) => {
    if (typeof command === 'string') return skip(command)
    const { gateway, standIn } = await openProvider(wire, 'claude-*')
    const cwd = makeFolder()
    writeFileSync(join(cwd, 'notes.txt'), 'the harbour is closed')
    const said = await ask(gateway, command, cwd, `${prompts.call}Read with {"file_path":"${join(cwd, 'notes.txt')}"}`)
    expect(said).toMatchObject({
      is_error: false,
      result: expect.stringMatching(/^So: \[Read .*the harbour is closed/s) as string,
    })
    expect(standIn.asked.map(({ wire: spoken, stream, results }) => [spoken, stream, results.length])).toEqual([
      [wire, true, 0],
      [wire, true, 1],
    ])
    expect(standIn.asked[0]?.tools).toEqual(expect.arrayContaining(['Bash', 'Edit', 'Read', 'Write']))
    const recorded = gateway.journal
      .outcomes()
      .map(({ outcome, response }) => [
        outcome.status,
        readAnswer('messages', true, response.toString()).toolCalls.map(({ name }) => name),
      ])
    expect(recorded).toEqual([
      ['ok', ['Read']],
      ['ok', []],
    ])
  })

  test('shows a provider’s error as it is', async ({ skip }) => {
    if (typeof command === 'string') return skip(command)
    const { gateway } = await openProvider(wire, 'claude-*')
    const said = await ask(gateway, command, makeFolder(), prompts.badField)
    expect(said).toMatchObject({
      is_error: true,
      api_error_status: 400,
      result: expect.stringContaining(errors.badField?.message ?? '?') as string,
    })
  })
})
