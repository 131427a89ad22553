/**
 * An approved enhancement changes its place in the bytes and nothing else; the record has the original and what was
 * sent.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PromptTemplate, ServedEnhancement } from '../../db/words/enhancement.ts'
import type { Wire } from '../../db/words/wire.ts'
import { fingerprintPrompt } from '../../workflows/domain/patterns/fingerprint.ts'
import { shape } from '../../workflows/domain/mining/parts.ts'
import { readPrompt } from '../../workflows/domain/exchanges/prompt.ts'
import { createSnapshots } from '../state/snapshot.ts'
import {
  callerKey,
  closeAll,
  makeFolder,
  startGateway,
  startUpstream,
  unexpected,
  type TestGateway,
  type Upstream,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

/** The pattern that the learner would find for this body. */
function enhancementFor(wire: Wire, body: string, enhanced: PromptTemplate, team = 'default'): ServedEnhancement {
  const fingerprint = fingerprintPrompt(readPrompt(wire, JSON.parse(body)))
  if (!fingerprint) throw new Error('the body has no prompt')
  return {
    enhancementId: '01a1fc00-0000-7000-8000-000000000001',
    patternId: 'p',
    team,
    openingHash: fingerprint.hash,
    original: fingerprint.template,
    enhanced,
  }
}

async function openWith(
  enhancements: ServedEnhancement[],
  prepare: (folder: string) => void = () => {},
  sharedPatterns = false,
): Promise<{ gateway: TestGateway; upstream: Upstream }> {
  const dataDir = makeFolder()
  prepare(dataDir)
  createSnapshots(dataDir).replace('1', { enhancements, experiments: [], rules: [] })
  const upstream = await startUpstream((_request, response) => void response.end('{}'))
  const gateway = await startGateway({
    dataDir,
    sharedPatterns,
    keys: [
      { name: 'demo', key: callerKey, team: 'default' },
      { name: 'stranger', key: 'sk-of-another-team', team: 'other' },
    ],
    providers: [
      { name: 'oa', baseUrl: `${upstream.origin}/v1`, models: ['m'] },
      { name: 'an', dialect: 'anthropic', baseUrl: upstream.origin, models: ['m'] },
    ],
  })
  return { gateway, upstream }
}

const paths: Record<Wire, string> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
}
const send = async (gateway: TestGateway, wire: Wire, body: string, key = callerKey): Promise<void> => {
  const response = await fetch(gateway.url + paths[wire], {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body,
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

const chatBody =
  '{ "model":"m" ,"x":1.0, "messages":[ {"role":"user","content":"Summarise this text please: The harbour \\u0031 opens."} ] }'

describe.each(['chat', 'responses', 'messages'] as const)('in the %s format', (wire) => {
  const body = wire === 'responses' ? chatBody.replace('"messages"', '"input"') : chatBody
  const member = { chat: null, responses: 'instructions', messages: 'system' }[wire]

  test('where teams share their patterns, an enhancement of one is every team’s; where they do not, it is nobody else’s', async () => {
    const shared = { ...enhancementFor(wire, body, { system: null, template: 'About:\n{{input}}' }), team: '*' }
    for (const sharedPatterns of [true, false]) {
      const { gateway, upstream } = await openWith([shared], undefined, sharedPatterns)
      for (const key of [callerKey, 'sk-of-another-team']) {
        await send(gateway, wire, body, key)
        expect(String(upstream.seen.at(-1)?.body).includes('About:')).toBe(sharedPatterns)
      }
      expect(gateway.journal.intents().map(({ intent }) => [intent.team, intent.patternTeam])).toEqual(
        sharedPatterns
          ? [
              ['default', '*'],
              ['other', '*'],
            ]
          : [
              ['default', undefined],
              ['other', undefined],
            ],
      )
    }
  })

  test('the user’s text is filled into the enhanced template, with its slots', async () => {
    const { gateway, upstream } = await openWith([
      enhancementFor(wire, body, { system: null, template: 'Write three short sentences about:\n{{input}}' }),
    ])
    await send(gateway, wire, body)
    const sent = body.replace(
      '"Summarise this text please: The harbour \\u0031 opens."',
      JSON.stringify('Write three short sentences about:\nThe harbour 1 opens.'),
    )
    expect(upstream.seen[0]?.body.toString()).toBe(sent)
    const [intent] = gateway.journal.intents()
    expect(intent?.intent.enhancementId).toBe('01a1fc00-0000-7000-8000-000000000001')
    expect([intent?.request.toString(), intent?.sent?.toString()]).toEqual([body, sent])
  })

  test('a system prompt is added where there is none, also beside a cut prefix', async () => {
    const prefixed = body.replace('"m"', `"${wire === 'messages' ? 'an' : 'oa'}/m"`)
    const { gateway, upstream } = await openWith([enhancementFor(wire, body, { system: 'Be brief.', template: null })])
    await send(gateway, wire, prefixed)
    const expected =
      member !== null
        ? body.replace('{', `{"${member}":"Be brief.",`)
        : body.replace('[', '[{"role":"system","content":"Be brief."},')
    expect(upstream.seen[0]?.body.toString()).toBe(expected)
  })

  test('another team’s prompts, and other prompts, go as they are', async () => {
    const { gateway, upstream } = await openWith([enhancementFor(wire, body, { system: 'Be brief.', template: null })])
    await send(gateway, wire, body, 'sk-of-another-team')
    const other = body.replace('Summarise', 'Translate')
    await send(gateway, wire, other)
    expect(upstream.seen.map((seen) => seen.body.toString())).toEqual([body, other])
    expect(gateway.journal.intents().map(({ intent, sent }) => [intent.enhancementId, sent])).toEqual([
      [null, null],
      [null, null],
    ])
  })

  test('a system prompt of several texts is left alone by an enhancement that would merge them, never doubled', async () => {
    const parts = '[{"type":"text","text":"One."},{"type":"text","text":"Two."}]'
    const withParts =
      member !== null
        ? body.replace('{', `{"${member}":${parts},`)
        : body.replace('[', `[{"role":"system","content":${parts}},`)
    const { gateway, upstream } = await openWith([
      enhancementFor(wire, withParts, { system: 'Be brief.', template: null }),
    ])
    await send(gateway, wire, withParts)
    expect(upstream.seen[0]?.body.toString()).toBe(withParts)
  })
})

test('an input that is one text is changed in its place, and instructions that are null are filled', async () => {
  const text = '{"model":"m","instructions": null ,"input": "Summarise this text please: The harbour opens."}'
  const { gateway, upstream } = await openWith([
    enhancementFor('responses', text, { system: 'Be brief.', template: 'Now: {{input}}' }),
  ])
  await send(gateway, 'responses', text)
  expect(upstream.seen[0]?.body.toString()).toBe(
    '{"model":"m","instructions": "Be brief." ,"input": "Now: The harbour opens."}',
  )
})

test('a text in a list of parts is changed in its place', async () => {
  const listed = chatBody.replace(
    /"content":("(?:[^"\\]|\\.)*")/,
    '"content":[{"type":"image","source":1},{"type":"text","text":$1}]',
  )
  const { gateway, upstream } = await openWith([
    enhancementFor('messages', listed, { system: null, template: 'Now: {{input}}' }),
  ])
  await send(gateway, 'messages', listed)
  expect(JSON.parse(String(upstream.seen[0]?.body))).toMatchObject({
    messages: [
      {
        content: [
          { type: 'image', source: 1 },
          { type: 'text', text: 'Now: The harbour 1 opens.' },
        ],
      },
    ],
  })
})

const billing = 'x-anthropic-billing-header: cc_version=2.1; cch=1a2b3;'
/**
 * System prompts of two texts after a line of no meaning, and a question behind a document, as each wire writes them.
 */
const severalTexts: Record<Wire, string> = {
  messages: `{"model":"m", "system": [{"type":"text","text":"${billing}"},{"type":"text","text":"You are careful.","cache_control":{"type":"ephemeral"}} ,{"type":"text","text":"Answer in German."}],"messages":[{"role":"user","content":[{"type":"text","text":"Read: The harbour gate opens."}, {"type":"image","source":{"n":1.0}},{"type":"text","text":""},{"type":"text","text":"What is \\u00e9t\\u00e9?"}]}]}`,
  chat: `{"model":"m","messages":[{"role":"system","content": [{"type":"text","text":"You are careful."},{"type":"text","text":"Answer in German."}]},{"role":"user","content":[{"type":"text","text":"Read: The harbour gate opens."},{"type":"image_url","image_url":{"url":"x"}} ,{"type":"text","text":"What is \\u00e9t\\u00e9?"}]}]}`,
  responses: `{"model":"m","input":[{"role":"developer","content":[{"type":"input_text","text":"You are careful."} ,{"type":"input_text","text":"Answer in German."}]},{"role":"user","content":[{"type":"input_text","text":"Read: The harbour gate opens."},{"type":"input_image"},{"type":"input_text","text":"What is \\u00e9t\\u00e9?"}]}]}`,
}

test.each(Object.keys(severalTexts) as Wire[])(
  'a prompt of several texts (%s) is changed inside the right one and byte for byte nowhere else',
  async (wire) => {
    const text = severalTexts[wire]
    const { gateway, upstream } = await openWith([
      enhancementFor(wire, text, {
        system: 'You are careful.\n\nAnswer in German, briefly.',
        template: 'Read closely: The harbour gate {{input}}',
      }),
    ])
    await send(gateway, wire, text)
    expect(upstream.seen[0]?.body.toString()).toBe(
      text.replace('"Answer in German."', '"Answer in German, briefly."').replace('"Read: The', '"Read closely: The'),
    )
    expect(gateway.journal.intents().map(({ intent }) => intent.enhancementId)).not.toEqual([null])
  },
)

test('the next request of Claude Code has the same pattern, whatever its billing line says', async () => {
  const text = severalTexts.messages
  const { gateway, upstream } = await openWith([
    enhancementFor('messages', text, { system: 'You are very careful.\n\nAnswer in German.', template: null }),
  ])
  const next = text.replace('cch=1a2b3', 'cch=fffff')
  await send(gateway, 'messages', next)
  expect(upstream.seen[0]?.body.toString()).toBe(next.replace('You are careful.', 'You are very careful.'))
})

test('an enhancement across the texts of a prompt is left out, and the record says why', async () => {
  const found = enhancementFor('messages', severalTexts.messages, { system: 'One text now.', template: null })
  const { gateway, upstream } = await openWith([found])
  await send(gateway, 'messages', severalTexts.messages)
  expect(upstream.seen[0]?.body.toString()).toBe(severalTexts.messages)
  expect(gateway.journal.intents()[0]?.intent.decision?.enhancementSkipped).toMatch(/text blocks/)
})

test('an enhancement that does not fit the prompt leaves it untouched and says so on the record', async () => {
  const found = enhancementFor('chat', chatBody, { system: 'Be brief.', template: null })
  const { gateway, upstream } = await openWith([
    { ...found, original: { system: null, template: 'Summarise this text please: {{input}} In one line.' } },
  ])
  await send(gateway, 'chat', chatBody)
  expect(upstream.seen[0]?.body.toString()).toBe(chatBody)
  const [intent] = gateway.journal.intents()
  expect([intent?.intent.enhancementId, intent?.sent]).toEqual([null, null])
  expect(intent?.intent.decision?.enhancementSkipped).toMatch(
    /does not have the form that the enhancement was written for/,
  )
})

test.each(['chat', 'responses', 'messages'] as const)(
  'in the %s format a learned template is identified, its slots go over, and every turn of a conversation comes out the same',
  async (wire) => {
    const user = shape(['Summarise this text please: ', null, ' Keep it short.'], new Set())
    const patternId = '01a1fc00-0000-7000-8000-0000000000aa'
    const enhancement = {
      enhancementId: '01a1fc00-0000-7000-8000-000000000001',
      patternId,
      team: 'default',
      openingHash: null,
      original: { system: null, template: 'Summarise this text please: {{please}} Keep it short.' },
      enhanced: { system: null, template: 'In one line: {{please}}' },
    }
    const set = gzipSync(
      JSON.stringify({
        id: patternId,
        templates: [{ structure: '', system: null, user, requires: [], excludes: [], weight: 8 }],
      }),
    )
    const { gateway, upstream } = await openWith([enhancement], (folder) => {
      mkdirSync(join(folder, 'patterns'))
      writeFileSync(
        join(folder, 'patterns', 'default.json'),
        JSON.stringify({ team: 'default', version: '1', set: set.toString('base64') }),
      )
    })
    const question = { role: 'user', content: 'Summarise this text please: The harbour opens at nine. Keep it short.' }
    const later = [
      question,
      { role: 'assistant', content: 'It opens at nine.' },
      { role: 'user', content: 'And on Sundays?' },
    ]
    const write = (messages: object[]): string =>
      JSON.stringify({ model: 'm', [wire === 'responses' ? 'input' : 'messages']: messages })
    // The copy is read beside the first requests.
    await vi.waitFor(async () => {
      await send(gateway, wire, write([question]))
      expect(gateway.journal.intents().at(-1)?.intent.decision?.patternId).toBe(patternId)
    })
    await send(gateway, wire, write(later))
    const [first, second] = upstream.seen.slice(-2).map((seen) => seen.body.toString())
    const changed = (body: string): string =>
      body.replace(JSON.stringify(question.content), JSON.stringify('In one line: The harbour opens at nine.'))
    expect([first, second]).toEqual([changed(write([question])), changed(write(later))])
    expect(gateway.journal.intents().at(-1)?.intent.enhancementId).toBe(enhancement.enhancementId)
  },
)

test('the last good snapshot is served from the first request on, with every store away; a damaged one is left out', async () => {
  const { gateway, upstream } = await openWith([
    enhancementFor('chat', chatBody, { system: 'Be brief.', template: null }),
  ])
  await send(gateway, 'chat', chatBody)
  expect(upstream.seen[0]?.body.toString()).toContain('Be brief.')
  const folder = makeFolder()
  writeFileSync(`${folder}/snapshot.json`, '{"version":')
  expect(createSnapshots(folder).current).toMatchObject({ version: '', served: new Map() })
})
