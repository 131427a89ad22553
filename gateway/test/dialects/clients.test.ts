import Anthropic from '@anthropic-ai/sdk'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { wires } from '../wires.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { readRow } from '../eval/wire/rows.ts'

/** The official clients read a translated stream to its end, and see what it says. */
const sample = join(dirname(fileURLToPath(import.meta.url)), '../eval/wire/sample.jsonl')
const full = join(process.env.SINEW_EVAL_DATA ?? '', 'd_wire.jsonl')
const file = existsSync(full) ? full : sample
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map(readRow)
  .filter(({ stream, generation }) => stream && generation)

const answering = (text: string) => async (): Promise<Response> =>
  new Response(text, { headers: { 'content-type': 'text/event-stream' } })
const openai = (text: string): OpenAI => new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: answering(text) })

const clients: Readonly<Record<Wire, (text: string) => Promise<string>>> = {
  async chat(text) {
    const { choices } = await openai(text).chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion()
    return (
      (choices[0]?.message.content ?? '') +
      (choices[0]?.message.tool_calls ?? [])
        .map((call) => (call.type === 'function' ? call.function.arguments : ''))
        .join('')
    )
  },
  async responses(text) {
    const { output } = await openai(text).responses.stream({ model: 'm', input: '' }).finalResponse()
    return (
      output
        .map((item) =>
          item.type === 'message'
            ? item.content.map((part) => (part.type === 'output_text' ? part.text : '')).join('')
            : '',
        )
        .join('') + output.map((item) => (item.type === 'function_call' ? item.arguments : '')).join('')
    )
  },
  async messages(text) {
    const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: answering(text) })
    const { content } = await client.messages.stream({ model: 'm', max_tokens: 1, messages: [] }).finalMessage()
    return (
      content.map((block) => (block.type === 'text' ? block.text : '')).join('') +
      content.map((block) => (block.type === 'tool_use' ? JSON.stringify(block.input) : '')).join('')
    )
  },
}

test(
  'the official clients read every translated stream to its end, and those of all dialects read the same',
  { timeout: 60_000 },
  async () => {
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      const heard: string[] = []
      for (const to of wires.filter((target) => target !== row.dialect)) {
        if (row.dialect === undefined) continue
        const translator = new StreamTranslator({ from: row.dialect, to }, { includeUsage: true })
        const text = translator.push(Buffer.from(row.response)) + translator.end()
        const told = clients[to](text).then((said) => said.replaceAll(/\s/g, ''))
        if (translator.failed) await expect(told, `${row.id} → ${to}`).rejects.toThrow()
        else heard.push(await told.catch((error: unknown) => `${row.id} → ${to}: ${String(error)}`))
      }
      expect(new Set(heard).size, JSON.stringify(heard).slice(0, 400)).toBeLessThanOrEqual(1)
    }
  },
)
