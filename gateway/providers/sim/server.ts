/**
 * The built-in provider for a first look: a small server on a free loopback port, so that its answers take the very
 * path that a real provider's take. There only where no other provider is configured.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import * as anthropic from './anthropic.ts'
import { answer, type SimulatedModel } from './answers.ts'
import * as openai from './openai.ts'

export interface Simulation {
  /** One for each dialect, under one name. */
  providers: ProviderConfig[]
  close(): Promise<void>
}

const models: SimulatedModel[] = ['echo', 'story', 'tools']

export async function openSimulation(): Promise<Simulation> {
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const common = {
    name: 'sim',
    apiKey: null,
    models: models.map((model) => `sim/${model}`),
    timeouts: { connectMs: 10_000, firstByteMs: 60_000, idleMs: 60_000 },
  }
  return {
    providers: [
      { ...common, kind: 'openai-compatible', dialect: 'openai', wires: ['chat'], baseUrl: `${origin}/v1` },
      { ...common, kind: 'anthropic-compatible', dialect: 'anthropic', baseUrl: origin },
    ],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const dialect = request.url?.startsWith('/v1/messages') ? anthropic : openai
  const body = JSON.parse(await readText(request)) as Record<string, unknown>
  const model = models.find((name) => body.model === `sim/${name}` || body.model === name)
  if (model === undefined)
    return send(
      response,
      404,
      dialect.toError(`the simulation has the models ${models.map((name) => `sim/${name}`).join(', ')}`),
    )
  const simulated = dialect.readRequest(body, model)
  const answered = answer(simulated)
  if (!simulated.stream) return send(response, 200, dialect.toBody(simulated, answered))
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const event of dialect.toEvents(simulated, answered)) {
    if (response.destroyed) return
    if (!response.write(event)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
    if (answered.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, answered.pauseMs))
  }
  response.end()
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text)
}

/** The gateway has bounded it already. */
async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
