/** Codex, told the gateway's address and key and nothing else, runs its own tools through it. */
import { readAnswer } from '../../../workflows/test/recorded.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { callerKey, closeAll, makeFolder, unexpected, type TestGateway } from '../harness.ts'
import { codex, findNpmProgram, runCommand, type Command } from './npm-program.ts'
import { errors, prompts } from './said.ts'
import { openProvider, providers } from './suite.ts'

let command: Command | string
beforeAll(async () => {
  command = await findNpmProgram(codex, process.env)
})
afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

interface CodexEvent {
  type: string
  message?: string
  item?: { type: string; text?: string; aggregated_output?: string }
  usage?: { input_tokens: number; cached_input_tokens: number; output_tokens: number }
}

/** A home of its own, so that nothing of the user's is read or written. */
async function ask(gateway: TestGateway, program: Command, cwd: string, prompt: string): Promise<CodexEvent[]> {
  const home = join(cwd, 'home')
  mkdirSync(home)
  const provider = `{name="Sinew",base_url="${gateway.url}/v1",env_key="SINEW_KEY",wire_api="responses",request_max_retries=0,stream_max_retries=0}`
  const args = [
    'exec',
    '--skip-git-repo-check',
    '--json',
    '--sandbox',
    'danger-full-access',
    '-c',
    'model_provider="sinew"',
    '-c',
    `model_providers.sinew=${provider}`,
    '-m',
    'gpt-5-codex',
    prompt,
  ]
  const { printed, code, complained } = await runCommand(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, SINEW_KEY: callerKey },
  })
  if (!printed.startsWith('{')) throw new Error(`${code}: ${printed} ${complained}`)
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CodexEvent)
}

describe.each(Object.keys(providers) as Wire[])('Codex, from a provider that speaks %s', (wire) => {
  /**
   * It always offers tools that only OpenAI runs (web search, sets of agents): other providers get the call without
   * them, and the answer names them.
   */
  const untranslatable = wire === 'responses' ? 'refuse' : 'drop'

  test('runs a command by its own tool and says what it heard', async ({ skip }) => {
    if (typeof command === 'string') return skip(command)
    const { gateway, standIn } = await openProvider(wire, 'gpt-5-codex', { untranslatable })
    const cwd = makeFolder()
    writeFileSync(join(cwd, 'notes.txt'), 'the harbour is closed')
    const events = await ask(
      gateway,
      command,
      cwd,
      `${prompts.call}exec_command with {"cmd":"cat ${join(cwd, 'notes.txt')}"}`,
    )
    expect(
      events.find(({ item }) => item?.type === 'command_execution' && item.aggregated_output)?.item?.aggregated_output,
    ).toBe('the harbour is closed')
    expect(events.find(({ item }) => item?.type === 'agent_message')?.item?.text).toMatch(
      /^So: \[exec_command .*the harbour is closed/s,
    )
    expect(events.at(-1)).toMatchObject({
      type: 'turn.completed',
      usage: { input_tokens: 38, cached_input_tokens: 14, output_tokens: 24 },
    })
    expect(standIn.asked.map(({ wire: spoken, stream, results }) => [spoken, stream, results.length])).toEqual([
      [wire, true, 0],
      [wire, true, 1],
    ])
    const recorded = gateway.journal
      .outcomes()
      .map(({ outcome, response }) => [
        outcome.status,
        readAnswer('responses', true, response.toString()).toolCalls.map(({ name }) => name),
      ])
    expect(recorded).toEqual([
      ['ok', ['exec_command']],
      ['ok', []],
    ])
  })

  test('shows a provider’s error as it is', async ({ skip }) => {
    if (typeof command === 'string') return skip(command)
    const { gateway } = await openProvider(wire, 'gpt-5-codex', { untranslatable })
    const events = await ask(gateway, command, makeFolder(), prompts.badField)
    expect(events.at(-1)).toMatchObject({ type: 'turn.failed' })
    expect(events.findLast(({ type }) => type === 'error')?.message).toContain(errors.badField?.message)
  })
})
