/**
 * The data plane's routes, on one screen. A request to a model goes:
 *
 *   gateway/app.ts                        the route
 *   gateway/pipeline/forward.ts           holds the order of all that follows (pass-through.ts: of what is no
 *   generation)
 *   1 gateway/pipeline/admit.ts, authenticate.ts   the key → who it is; whether there is room
 *   2 gateway/pipeline/read-body.ts, parse.ts   the body as bytes, bounded, parsed once
 *   5 gateway/pipeline/rewrite/enhance.ts, json-edit.ts   an approved enhancement, put into the bytes
 *   6 gateway/providers/resolve-model.ts, outgoing.ts   the model's name → the provider, and the body in its wire format
 *   7 gateway/pipeline/record.ts          the intent into the journal
 *   8 gateway/pipeline/dispatch.ts, upstream.ts, shape-answer.ts   the call, and the answer as it comes, or as it is
 *   changed
 *   9 gateway/pipeline/relay/terminal.ts, kept-answer.ts, record.ts   the outcome into the journal, then the last byte
 *
 * The model endpoints stand in front of h3: its layer costs a seventh of the speed, and they need nothing of it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { H3, fromNodeHandler } from 'h3'
import { toNodeHandler } from 'h3/node'
import { messages } from './dialects/anthropic.ts'
import type { WireFacts } from './dialects/wire-facts.ts'
import { chat, responses } from './dialects/openai.ts'
import { readPassThrough, toPassThroughRules } from './dialects/pass-through.ts'
import { factsOf, refuse } from './dialects/refusals.ts'
import type { AnswerFeedback } from './pipeline/feedback.ts'
import type { Authenticate } from './pipeline/authenticate.ts'
import type { Forward, GenerationRules } from './pipeline/forward.ts'
import type { PassThrough } from './pipeline/pass-through.ts'
import type { Choice } from './providers/resolve-model.ts'
import { sendRefusal, toRefusalBody } from './pipeline/refusal.ts'
import { findModel, listModels } from './providers/models.ts'
import type { Counters } from './state/counters.ts'
import type { Dependencies } from './state/dependencies.ts'

export interface AppParts {
  forward: Forward
  passThrough: PassThrough
  authenticate: Authenticate
  targets: Choice[]
  answerFeedback: AnswerFeedback
  dependencies: Pick<Dependencies, 'read'>
  counters: Counters
}

/** Unread time for a body; answers may take as long as they like. */
const requestTimeoutMs = 300_000
/** Longer than the usual load balancer's 60 s, so that it and not we closes an idle connection. */
const keepAliveTimeoutMs = 65_000

export function createApp(parts: AppParts): Server {
  const generations = Object.fromEntries(
    [chat, responses, messages].map((rules) => [rules.endpoint, rules as GenerationRules]),
  )
  const rest = toNodeHandler(
    new H3()
      .get('/healthz', () => ({ status: 'ok' }))
      .get('/readyz', async ({ res }) => {
        const readiness = await parts.dependencies.read()
        if (readiness.status === 'refusing') res.status = factsOf('overloaded').status
        return readiness
      })
      .get(
        '/v1/models',
        fromNodeHandler((request, response) =>
          answerModels(parts, request as IncomingMessage, response as ServerResponse),
        ),
      )
      .post(
        '/v1/feedback',
        fromNodeHandler((request, response) =>
          answerFeedback(parts, request as IncomingMessage, response as ServerResponse),
        ),
      )
      .get(
        '/v1/models/**',
        fromNodeHandler((request, response) =>
          answerModels(parts, request as IncomingMessage, response as ServerResponse),
        ),
      )
      .all(
        '/**',
        fromNodeHandler((request, response) => answerUnknown(request as IncomingMessage, response as ServerResponse)),
      ),
  )

  const server = createServer(
    { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    (request, response) => {
      const path = pathOf(request)
      const rules = request.method === 'POST' ? generations[path] : undefined
      if (rules !== undefined) return parts.forward(request, response, rules)
      if (generations[path] !== undefined || !passOn(parts, request, response, path))
        rest(request as never, response as never)
    },
  )
  return server
}

/** What is no generation, and is not Sinew's own either. */
function passOn(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): boolean {
  const provider = /^\/providers\/([^/]+)(\/.*)?$/.exec(path)
  if (provider !== null) {
    const [, name = '', rest = ''] = provider
    parts.passThrough(request, response, toPassThroughRules(dialectOf(request), path), {
      kind: 'provider',
      name,
      path: rest,
    })
    return true
  }
  const found = readPassThrough(path, request.headers['anthropic-version'] !== undefined)
  if (found === null) return false
  parts.passThrough(request, response, found.rules, { kind: 'endpoint', path: found.path })
  return true
}

function answerModels(parts: AppParts, request: IncomingMessage, response: ServerResponse): void {
  const rules = dialectOf(request)
  if (parts.authenticate(request.headers) === null) {
    parts.counters.add('failedAuthentications')
    return answerError(
      request,
      response,
      rules,
      refuse('invalid_key', 'the key is missing or not known to this gateway'),
    )
  }
  const name = decodePath(pathOf(request).slice('/v1/models/'.length))
  const answer = name === '' ? listModels(parts.targets, rules.dialect) : findModel(parts.targets, rules.dialect, name)
  if (answer === null)
    return answerError(
      request,
      response,
      rules,
      refuse('unknown_model', `no provider lists the model ${JSON.stringify(name.slice(0, 100))}`, 'model'),
    )
  const body = JSON.stringify(answer)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}

async function answerFeedback(parts: AppParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = await parts.answerFeedback(request, response)
  if (refusal !== null) answerError(request, response, dialectOf(request), refusal)
}

function answerUnknown(request: IncomingMessage, response: ServerResponse): void {
  answerError(
    request,
    response,
    dialectOf(request),
    refuse('unknown_endpoint', `there is no ${request.method} ${pathOf(request)} here`),
  )
}

function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  rules: WireFacts,
  refusal: ReturnType<typeof refuse>,
): void {
  sendRefusal(request, response, refusal, toRefusalBody(rules, refusal, null), null)
}

/** Which dialect a caller speaks outside the model endpoints. */
function dialectOf(request: IncomingMessage): WireFacts {
  return request.headers['anthropic-version'] !== undefined || pathOf(request).startsWith(messages.endpoint)
    ? messages
    : chat
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url as string
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}
