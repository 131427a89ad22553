/** Requests of agents land in one pattern an application, whatever changes from user to user and turn to turn. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, jsonSchema, tool } from 'ai'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../db/words/wire.ts'
import { applyEnhancement } from '../domain/enhancements/apply-enhancement.ts'
import { readPrompt } from '../domain/exchanges/prompt.ts'
import { toPromptTemplate } from '../domain/mining/parts.ts'
import { toMinedPrompt } from '../domain/mining/request.ts'
import { createTeamMiner, type TeamMiner } from '../domain/mining/team-miner.ts'
import { createPatternIndex } from '../domain/patterns/identify.ts'
import { createRandom, createSentence } from './patterns-world.ts'

type Body = Record<string, unknown>

const random = createRandom(5)
const paragraph = (words: number): string => createSentence(random, words)
const rules = Array.from({ length: 40 }, () => `- ${paragraph(12)}.`).join('\n')
const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)] as T
const hex = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
const minedOf = (wire: Wire, body: Body) => toMinedPrompt(body, readPrompt(wire, body))

function learn(wire: Wire, bodies: Body[]): TeamMiner {
  const team = createTeamMiner()
  team.learn(bodies.map((body) => minedOf(wire, body)))
  team.cluster()
  return team
}

/** The patterns of fresh requests; a request of none is `null`. */
function patternsOf(team: TeamMiner, wire: Wire, bodies: Body[]): (string | null)[] {
  const index = createPatternIndex({ patterns: team.patterns(), openings: [] })
  return [...new Set(bodies.map((body) => index.identify(body, readPrompt(wire, body))?.patternId ?? null))]
}

function expectOnePattern(wire: Wire, bodies: Body[]): TeamMiner {
  const half = Math.floor(bodies.length / 2)
  const team = learn(wire, bodies.slice(0, half))
  expect(team.patterns()).toHaveLength(1)
  expect(patternsOf(team, wire, bodies.slice(half))).toEqual([team.patterns()[0]?.id])
  return team
}

const many = (create: (index: number) => Body, count = 60): Body[] =>
  Array.from({ length: count }, (_, index) => create(index))

const text = (value: string) => ({ type: 'text', text: value })
const claudeTools = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob', 'Task', 'TodoWrite', 'WebFetch']

/** Four projects with their own instructions, each day another date. */
function claudeCode(index: number): Body {
  const project = pick(['shop', 'bank', 'maps', 'mail'])
  return {
    system: [
      text(`x-anthropic-billing-header: cc_version=2.1.${index}; cch=${hex(5)};`),
      { ...text("You are Claude Code, Anthropic's official CLI for Claude."), cache_control: { type: 'ephemeral' } },
      text(
        `You are an interactive agent that helps users with software engineering tasks.\n\n${rules}\n\n<env>\nWorking directory: /home/${hex(4)}/${project}\nIs directory a git repo: Yes\nToday's date: 2026-11-${10 + (index % 20)}\n</env>\n\ngitStatus: ${hex(7)} ${paragraph(5)}`,
      ),
    ],
    messages: [
      {
        role: 'user',
        content: [
          text(`<system-reminder>\nInstructions of ${project}: ${project.repeat(30)}\n</system-reminder>`),
          text(`${paragraph(3 + Math.floor(random() * 20))}`),
        ],
      },
      ...Array.from({ length: index % 5 }, () => [
        { role: 'assistant', content: [{ type: 'tool_use', id: hex(8), name: 'Bash', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: paragraph(30) }] },
      ]).flat(),
    ],
    tools: [...claudeTools, ...(index % 3 === 0 ? [`mcp__${hex(6)}__query`] : [])].map((name) => ({ name })),
  }
}

function codex(index: number): Body {
  const input = (value: string) => ({ type: 'input_text', text: value })
  const environment = `<environment_context>\n  <cwd>/Users/${hex(5)}/work</cwd>\n  <shell>zsh</shell>\n</environment_context>`
  return {
    instructions: `You are Codex, based on GPT-5. You are running as a coding agent in the Codex CLI on a user's computer.\n\n${rules}`,
    input: [
      {
        type: 'message',
        role: 'developer',
        content: [input('<permissions instructions>sandbox</permissions instructions>')],
      },
      {
        type: 'message',
        role: 'user',
        content: [
          input(`# AGENTS.md instructions for /Users/${hex(5)}\n\n<INSTRUCTIONS>\nUse tabs.\n</INSTRUCTIONS>`),
          input(environment),
        ],
      },
      { type: 'message', role: 'user', content: [input(paragraph(2 + (index % 9)))] },
      { type: 'function_call', name: 'shell', arguments: '{}', call_id: hex(6) },
    ],
    tools: [{ type: 'function', name: 'shell' }, { type: 'function', name: 'apply_patch' }, { type: 'web_search' }],
  }
}

test('Claude Code, with its blocks, reminders, projects, dates and turns', () => {
  const team = expectOnePattern('messages', many(claudeCode))
  expect(team.patterns()[0]?.templates).toHaveLength(1)
})

test('Codex, with its permissions, instructions of projects and environment', () => {
  const bodies = many(codex)
  expectOnePattern('responses', bodies)
  expect(minedOf('responses', bodies[0] as Body).user).not.toContain('environment')
})

test('a request that goes on from a kept answer is of the pattern that its conversation began with', () => {
  const team = learn('responses', many(codex))
  const { input: _, ...kept } = codex(1)
  const later = { ...kept, previous_response_id: 'resp_1', input: [{ type: 'function_call_output', output: 'ok' }] }
  expect(patternsOf(team, 'responses', [later])).toEqual([team.patterns()[0]?.id])
})

describe('recorded from the libraries themselves', () => {
  const bodies: Body[] = []
  const fetch = async (_: unknown, init?: { body?: unknown }): Promise<Response> => {
    bodies.push(JSON.parse(String(init?.body)) as Body)
    return new Response('{"error":{"message":"none","type":"invalid_request_error"}}', { status: 400 })
  }
  const system = (index: number) =>
    `You run the harbour's desk. Today is 2026-12-${10 + (index % 20)}.\n${rules}\nConversation ${hex(12)}.`
  const tools = {
    berths: tool({ description: 'Free berths', inputSchema: jsonSchema({ type: 'object', properties: {} }) }),
    tides: tool({ description: 'Tides', inputSchema: jsonSchema({ type: 'object', properties: {} }) }),
  }
  const record = async (call: (index: number) => Promise<unknown>): Promise<Body[]> => {
    bodies.length = 0
    for (let index = 0; index < 24; index++) await call(index).catch(() => {})
    return [...bodies]
  }

  test.each([
    ['chat', () => createOpenAI({ apiKey: 'k', fetch }).chat('gpt-5')],
    ['responses', () => createOpenAI({ apiKey: 'k', fetch }).responses('gpt-5')],
    ['messages', () => createAnthropic({ apiKey: 'k', fetch })('claude-sonnet-4-5')],
  ] as const)('an agent of the AI SDK on the wire %s', async (wire, model) => {
    const recorded = await record((index) =>
      generateText({ model: model(), system: system(index), prompt: paragraph(6), tools, maxRetries: 0 }),
    )
    expect(recorded).toHaveLength(24)
    expectOnePattern(wire, recorded)
  })

  test('an agent of LangChain', async () => {
    const model = new ChatOpenAI({ model: 'gpt-4o', apiKey: 'k', maxRetries: 0, configuration: { fetch } }).bindTools([
      { type: 'function', function: { name: 'berths', parameters: { type: 'object', properties: {} } } },
    ])
    const recorded = await record((index) =>
      model.invoke([
        { role: 'system', content: system(index) },
        { role: 'user', content: paragraph(6) },
      ]),
    )
    expect(recorded).toHaveLength(24)
    expectOnePattern('chat', recorded)
  })
})

describe('tools', () => {
  const ask = (names: string[]): Body => ({
    messages: [
      { role: 'system', content: `You keep the books of a harbour. Use the tools that you are given.\n${rules}` },
      { role: 'user', content: paragraph(8) },
    ],
    tools: names.map((name) => ({ type: 'function', function: { name } })),
  })

  test('that each user brings do not split an application, with tools in common or without', () => {
    expectOnePattern(
      'chat',
      many((index) => ask(['berths', 'tides', `mcp__user_${index % 20}__mail`]), 120),
    )
    expectOnePattern(
      'chat',
      many((index) => ask([`mcp__user_${index % 20}__mail`]), 120),
    )
  })

  test('offered at random are one application', () => {
    const all = Array.from({ length: 12 }, (_, index) => `mcp__server_${index}__call`)
    expectOnePattern(
      'chat',
      many(() => ask(Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(all))), 200),
    )
  })

  test('that have nothing in common tell two applications apart that ask in the same words', () => {
    const bodies = many((index) => ask(index % 2 === 0 ? ['berths', 'tides'] : ['invoices', 'payments']))
    const team = learn('chat', bodies)
    expect(team.patterns()).toHaveLength(2)
    expect(patternsOf(team, 'chat', bodies)).toHaveLength(2)
    expect(patternsOf(team, 'chat', [ask(['weather'])])).toEqual([null])
  })
})

test('an enhancement of a pattern goes to the block that it changes and leaves reminders alone', () => {
  const team = learn('messages', many(claudeCode))
  const original = toPromptTemplate(team.patterns()[0]!.templates[0]!)
  const rule = rules.split('\n')[7] as string
  const enhanced = { ...original, system: original.system?.replace(rule, `${rule}\n- Say what you changed.`) ?? null }
  const fresh = claudeCode(3)
  const application = applyEnhancement({ original, enhanced }, readPrompt('messages', fresh))
  const before = (fresh.system as { text: string }[])[2]?.text as string
  expect(application).toEqual({
    edits: [
      { kind: 'replace', path: ['system', 2, 'text'], text: before.replace(rule, `${rule}\n- Say what you changed.`) },
    ],
  })
})
