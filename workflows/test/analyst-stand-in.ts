/** A scripted analyst that speaks the Messages API. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnalystConfig } from '../../db/words/analyst.ts'

export interface AnalystCall {
  headers: Record<string, unknown>
  body: {
    model: string
    tools: { name: string }[]
    tool_choice: unknown
    messages: { content: string }[]
    system: string
    stream?: boolean
  }
}

export type Script = (call: number, response: ServerResponse) => void

export interface AnalystStandIn {
  url: string
  calls: AnalystCall[]
  close(): Promise<void>
}

export async function startAnalyst(script: Script): Promise<AnalystStandIn> {
  const calls: AnalystCall[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      calls.push({ headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) as AnalystCall['body'] })
      script(calls.length, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export function answer(response: ServerResponse, body: unknown, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}

export const message = (more: object): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-test',
  stop_sequence: null,
  stop_reason: 'end_turn',
  content: [],
  usage: { input_tokens: 900, output_tokens: 100 },
  ...more,
})

/** The forced tool's answer. */
export const proposal = (input: unknown): object =>
  message({
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'propose_enhancement', input }],
  })

export const goodProposal = {
  system: 'Answer with a summary, always.',
  template: null,
  reason: 'Answers were empty.',
  risks: ['longer answers'],
}

/** For tests in which it matters only that there is one; nothing listens there. */
export const anyAnalyst: AnalystConfig = {
  baseUrl: 'http://127.0.0.1:1',
  apiKey: 'k',
  model: 'm',
  maxCallsPerDay: 50,
  maxTokensPerDay: 200_000,
}
