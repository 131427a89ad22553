/**
 * The world's providers and its analyst on one port: they speak the two dialects, and answer by the truth of the world.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { findPattern, toProposal } from './proposals.ts'
import { toAnswer, type WorldAnswer } from './traffic.ts'
import { models, type World, type WorldModel } from './truth.ts'

export interface WorldServers {
  /** Of the provider of the openai dialect, with `/v1`. */
  openaiUrl: string
  anthropicUrl: string
  analystUrl: string
  /** Questions to the analyst, and those it found nothing to say to. */
  readonly asked: number
  readonly unanswered: number
  close(): Promise<void>
}

/** A model takes its time, a little more for some requests than for others. */
const latencyMs = { least: 3, spread: 9 }

export async function openWorldServers(world: World): Promise<WorldServers> {
  let asked = 0
  let unanswered = 0
  const server = createServer((request, response) => {
    readJson(request)
      .then((body) => {
        const path = request.url ?? ''
        if (path.startsWith('/analyst/')) {
          asked++
          const proposal = proposeFor(world, textOf(body.messages))
          if (proposal === null) unanswered++
          return sendJson(response, 200, toToolAnswer(body.model, proposal))
        }
        const session = String(path.endsWith('/messages') ? body.metadata?.user_id : body.user)
        const model = models.find((name) => name === body.model) as WorldModel
        const answer = toAnswer(
          world,
          session,
          model,
          [typeof body.system === 'string' ? body.system : '', textOf(body.messages)].join('\n'),
        )
        setTimeout(
          () =>
            send(
              response,
              path.endsWith('/messages') ? toMessage(body.model, answer) : toCompletion(body.model, answer),
              answer,
            ),
          latencyMs.least + (answer.inputTokens % latencyMs.spread),
        )
      })
      .catch(() => sendJson(response, 400, { error: { message: 'the world does not understand' } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    openaiUrl: `${url}/v1`,
    anthropicUrl: url,
    analystUrl: `${url}/analyst`,
    get asked() {
      return asked
    },
    get unanswered() {
      return unanswered
    },
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
}

/**
 * The question shows the template and examples; what it is about stands in the template or, where that is short, in the
 * examples.
 */
export function proposeFor(world: World, question: string) {
  const original: PromptTemplate = {
    system: readSection(question, 'system prompt'),
    template: readSection(question, 'user template'),
  }
  const pattern =
    findPattern(world, `${original.system ?? ''}\n${original.template ?? ''}`) ?? findPattern(world, question)
  return pattern === null ? null : toProposal(pattern, original)
}

function readSection(question: string, title: string): string | null {
  return new RegExp(`The ${title}:\\n<data>\\n([\\s\\S]*?)\\n</data>`).exec(question)?.[1] ?? null
}

function textOf(messages: unknown): string {
  const list = Array.isArray(messages) ? (messages as { content: unknown }[]) : []
  return list
    .map(({ content }) =>
      typeof content === 'string' ? content : (content as { text?: string }[]).map(({ text }) => text ?? '').join('\n'),
    )
    .join('\n')
}

function toToolAnswer(model: string, proposal: object | null): object {
  return {
    id: 'msg_analyst',
    type: 'message',
    role: 'assistant',
    model,
    stop_reason: proposal === null ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 900, output_tokens: 200 },
    content:
      proposal === null
        ? [{ type: 'text', text: 'I have nothing to propose.' }]
        : [{ type: 'tool_use', id: 'toolu_analyst', name: 'propose_enhancement', input: proposal }],
  }
}

function toCompletion(model: string, { kind, text, inputTokens, outputTokens }: WorldAnswer): object {
  return {
    id: 'chatcmpl-world',
    object: 'chat.completion',
    created: 1,
    model,
    usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens },
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text },
        finish_reason: kind === 'cut' ? 'length' : 'stop',
        logprobs: null,
      },
    ],
  }
}

function toMessage(model: string, { kind, text, inputTokens, outputTokens }: WorldAnswer): object {
  return {
    id: 'msg_world',
    type: 'message',
    role: 'assistant',
    model,
    stop_reason: kind === 'cut' ? 'max_tokens' : 'end_turn',
    stop_sequence: null,
    content: text === '' ? [] : [{ type: 'text', text }],
    usage: { input_tokens: inputTokens, output_tokens: outputTokens },
  }
}

function send(response: ServerResponse, body: object, { kind }: WorldAnswer): void {
  if (kind === 'outage') sendJson(response, 503, { error: { message: 'overloaded', type: 'server_error' } })
  else sendJson(response, 200, body)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<any> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}
