/**
 * A scripted Claude: speaks the Messages API, answers every question with the proposal it was given, and keeps what it
 * was asked.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Proposal } from '../../db/words/enhancement.ts'

export interface Analyst {
  /** For `claude.baseUrl`. */
  url: string
  asked: any[]
  close(): Promise<void>
}

export async function openAnalyst(proposal: Proposal): Promise<Analyst> {
  const asked: any[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body = JSON.parse(text) as { model: string }
      asked.push(body)
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'msg_analyst',
          type: 'message',
          role: 'assistant',
          model: body.model,
          stop_reason: 'tool_use',
          stop_sequence: null,
          content: [{ type: 'tool_use', id: 'toolu_analyst', name: 'propose_enhancement', input: proposal }],
          usage: { input_tokens: 100, output_tokens: 50 },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
}
