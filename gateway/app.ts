/**
 * The data plane's routes, on one screen. A request to a model goes:
 *
 *   gateway/app.ts                        the route
 *   gateway/pipeline/forward.ts           holds the order of all that follows (pass-through.ts: of what is no
 *   generation)
 *   1 gateway/pipeline/admit.ts, authenticate.ts   the key → who it is; whether there is room
 *   2 gateway/pipeline/read-body.ts, parse.ts   the body as bytes, bounded, parsed once
 *   5 gateway/pipeline/rewrite/choose-enhancement.ts, json-edit.ts   an approved enhancement, put into the bytes
 *   6 gateway/providers/resolve-model.ts, outgoing.ts   the model's name → the provider, and the body in its wire
 *   format
 *   7 gateway/pipeline/record.ts          the intent into the journal
 *   8 gateway/pipeline/failover.ts, dispatch.ts, relay/relay.ts, shape-answer.ts   the call, and the answer as it comes, or as it is
 *   changed
 *   9 gateway/pipeline/relay/hold.ts, kept-answer.ts, record.ts   the outcome into the journal, then the last byte
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { messages } from './dialects/anthropic.ts'
import { chat, responses } from './dialects/openai.ts'
import { readFamily, toPassThroughFacts } from './dialects/pass-through.ts'
import { cutQuery, toLenientPath, toPlainPath } from './dialects/paths.ts'
import { factsOf, refuse, type Refusal } from './dialects/refusals.ts'
import type { Authenticate } from './pipeline/authenticate.ts'
import type { Browsers } from './pipeline/browsers.ts'
import type { AnswerFeedback } from './pipeline/feedback.ts'
import type { Forward } from './pipeline/forward.ts'
import type { GenerationFacts } from './pipeline/generation.ts'
import type { PassThrough } from './pipeline/pass-through.ts'
import { sendRefusal, toRefusalBody } from './pipeline/refusal.ts'
import type { Models } from './providers/models.ts'
import type { Counters } from './state/loss-counts.ts'
import type { Dependencies } from './state/dependencies.ts'

export interface AppParts {
  forward: Forward
  passThrough: PassThrough
  authenticate: Authenticate
  browsers: Browsers
  models: Models
  answerFeedback: AnswerFeedback
  dependencies: Pick<Dependencies, 'read'>
  counters: Counters
}

/** `path`: without its query, as the table below writes it. */
type Handle = (parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string) => unknown

interface Route {
  method: 'GET' | 'POST' | 'any'
  /** A `*` at its end stands for anything behind it. */
  path: string
  handle: Handle
}

/** The first that fits is taken. `GET` answers `HEAD` too. */
const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/chat/completions', handle: generate(chat as GenerationFacts) },
  { method: 'POST', path: '/v1/responses', handle: generate(responses as GenerationFacts) },
  { method: 'POST', path: '/v1/messages', handle: generate(messages as GenerationFacts) },
  { method: 'POST', path: '/v1/feedback', handle: takeFeedback },
  { method: 'GET', path: '/v1/models', handle: listModels },
  { method: 'GET', path: '/v1/models/*', handle: describeModel },
  { method: 'any', path: '/v1/*', handle: passToFamily },
  { method: 'any', path: '/providers/*', handle: passToProvider },
  { method: 'GET', path: '/healthz', handle: answerHealth },
  { method: 'GET', path: '/readyz', handle: answerReadiness },
  { method: 'any', path: '*', handle: answerUnknown },
]

/** Uploads of half a gigabyte take their time; prompts have less, see read-body.ts. */
const requestTimeoutMs = 3_600_000
/** Longer than the usual load balancer's 60 s, so that it and not we closes an idle connection. */
const keepAliveTimeoutMs = 65_000

export function createApp(parts: AppParts): Server {
  return createServer(
    { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    (request, response) => {
      const { method = '', headers } = request
      const url = cutQuery(request.url as string)
      if (headers.origin !== undefined) parts.browsers.admit(headers.origin, response)
      if (headers.upgrade?.toLowerCase() === 'websocket') return refuseUpgrade(request, response, url)
      if (method === 'OPTIONS') return answerOptions(parts, request, response, url)
      const known = method === 'POST' ? exact.get(url) : undefined
      const path = known === undefined ? toRoutePath(url) : url
      const route = known ?? findRoute(method, path)
      const done = route.handle(parts, request, response, path)
      if (done instanceof Promise)
        done.catch(() => answerError(request, response, path, refuse('internal', 'the gateway failed')))
    },
  )
}

/** The routes that most requests take, found without a search. */
const exact = new Map(routes.filter(({ method }) => method === 'POST').map((route) => [route.path, route]))
const names = new Set(routes.map(({ path }) => path))

/** A variant of a route's path is that path; of any other, what is plainly meant. */
function toRoutePath(url: string): string {
  const plain = toPlainPath(url)
  if (names.has(plain)) return plain
  const lenient = toLenientPath(plain)
  return names.has(lenient) ? lenient : plain
}

function findRoute(asked: string, path: string): Route {
  const wanted = asked === 'HEAD' ? 'GET' : asked
  return routes.find(
    (route) =>
      (route.method === 'any' || route.method === wanted) &&
      (route.path.endsWith('*') ? path.startsWith(route.path.slice(0, -1)) : path === route.path),
  ) as Route
}

function generate(facts: GenerationFacts): Handle {
  return (parts, request, response) => parts.forward(request, response, facts)
}

/** Anything else of the vendors' own, now and in future: whose it is, its caller says. */
function passToFamily(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  const facts = toPassThroughFacts(readFamily(path, request.headers), path)
  parts.passThrough(request, response, facts, { kind: 'endpoint', path: path.slice('/v1'.length) })
}

/** `/providers/<name>/…`: what stands behind that provider's address, as it is. */
function passToProvider(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  const [, name = '', rest = ''] = /^\/providers\/([^/]*)(.*)$/s.exec(path) ?? []
  const facts = toPassThroughFacts(readFamily(path, request.headers), path)
  parts.passThrough(request, response, facts, { kind: 'provider', name, path: rest })
}

function listModels(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  if (isStranger(parts, request, response, path)) return
  answerJson(response, 200, parts.models.list(readListFamily(request)))
}

function describeModel(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  if (isStranger(parts, request, response, path)) return
  const name = decodePath(path.slice('/v1/models/'.length))
  const model = parts.models.find(readListFamily(request), name)
  if (model !== null) return answerJson(response, 200, model)
  const message = `no provider lists the model ${JSON.stringify(name.slice(0, 100))}`
  answerError(request, response, path, refuse('unknown_model', message, 'model'))
}

/** Whether it has been answered that the key is none. */
function isStranger(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): boolean {
  if (parts.authenticate(request.headers) !== null) return false
  parts.counters.add('failedAuthentications')
  answerError(request, response, path, refuse('invalid_key', 'the key is missing or not known to this gateway'))
  return true
}

/** Both families ask under one path; only Anthropic's clients name a version. */
const readListFamily = (request: IncomingMessage) =>
  request.headers['anthropic-version'] === undefined ? 'openai' : 'anthropic'

async function takeFeedback(
  parts: AppParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const refusal = await parts.answerFeedback(request, response)
  if (refusal !== null) answerError(request, response, path, refusal)
}

function answerHealth(_parts: AppParts, _request: IncomingMessage, response: ServerResponse): void {
  answerJson(response, 200, { status: 'ok' })
}

async function answerReadiness(parts: AppParts, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  const readiness = await parts.dependencies.read()
  answerJson(response, readiness.status === 'refusing' ? factsOf('overloaded').status : 200, readiness)
}

/** Clients that get this status go on over HTTP at once; any other they take for a fault, and try again. */
function refuseUpgrade(request: IncomingMessage, response: ServerResponse, path: string): void {
  response.setHeader('upgrade', 'HTTP/1.1')
  response.setHeader('connection', 'close, upgrade')
  answerError(request, response, path, refuse('upgrade_required', 'there are no WebSockets here; use plain HTTP'))
}

function answerOptions(parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  const refusal = parts.browsers.answerOptions(request, response)
  if (refusal !== null) answerError(request, response, path, refusal)
}

function answerUnknown(_parts: AppParts, request: IncomingMessage, response: ServerResponse, path: string): void {
  const advice = "OpenAI's clients need a base URL that ends in /v1, Anthropic's one without it"
  const message = `there is no ${request.method} ${path.slice(0, 200)} here; ${advice}`
  answerError(request, response, path, refuse('unknown_endpoint', message))
}

function answerError(request: IncomingMessage, response: ServerResponse, path: string, refusal: Refusal): void {
  sendRefusal(request, response, refusal, toRefusalBody(readFamily(path, request.headers), refusal, null), null)
}

function answerJson(response: ServerResponse, status: number, content: object): void {
  const body = JSON.stringify(content)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
