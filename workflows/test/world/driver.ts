/** The world's callers: they hold their conversations at a steady rate, and slow down while the learner is behind. */
import { setTimeout as pause } from 'node:timers/promises'
import { toSessionKey } from './simulate.ts'
import { toSession, type WorldSession } from './traffic.ts'
import { models, type World } from './truth.ts'

/** One answered request, as its caller sees it. */
export interface Call {
  exchangeId: string
  session: number
  pattern: number
  at: number
  /** `null` = the provider failed, which says nothing of the prompt. */
  good: boolean | null
}

export interface DriverOptions {
  world: World
  gatewayUrl: string
  keys: string[]
  sessionsPerSecond: number
  /** Exchanges that wait to be learned. */
  backlog: () => number
  onCall: (call: Call) => void
}

export interface Driver {
  /** Conversations begun so far. */
  readonly sessions: number
  /** Ends after the conversations under way. */
  stop(): Promise<void>
}

/** Beyond it outcomes would come much later than their windows close. */
const backlogMost = 250
const tickMs = 100
const underWayMost = 200
const answerTimeoutMs = 60_000

export function startDriver({ world, gatewayUrl, keys, sessionsPerSecond, backlog, onCall }: DriverOptions): Driver {
  let sessions = 0
  let stopping = false
  const underWay = new Set<Promise<void>>()
  let failure: unknown = null

  async function hold(session: WorldSession): Promise<void> {
    for (const text of session.texts()) {
      const call = await ask(session, text)
      onCall(call)
    }
  }

  async function ask(session: WorldSession, text: string): Promise<Call> {
    const { path, body } = toRequest(session, text)
    const response = await fetch(`${gatewayUrl}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${keys[session.key % keys.length]}`,
        'x-sinew-session': toSessionKey(session),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    const answer = (await response.json()) as any
    const exchangeId = response.headers.get('x-sinew-exchange')
    if (exchangeId === null)
      throw new Error(
        `the gateway answered ${response.status} without an exchange: ${JSON.stringify(answer).slice(0, 300)}`,
      )
    return {
      exchangeId,
      session: session.number,
      pattern: session.pattern.number,
      at: Date.now(),
      good: response.ok ? isGood(answer) : null,
    }
  }

  async function run(): Promise<void> {
    let owed = 0
    let last = performance.now()
    while (!stopping) {
      await pause(tickMs)
      const now = performance.now()
      owed = Math.min(sessionsPerSecond, owed + ((now - last) / 1_000) * sessionsPerSecond)
      last = now
      if (backlog() > backlogMost) owed = 0
      for (; owed >= 1 && underWay.size < underWayMost; owed--) {
        const conversation = hold(toSession(world, sessions++))
          .catch((error: unknown) => void (failure ??= error))
          .finally(() => underWay.delete(conversation))
        underWay.add(conversation)
      }
    }
    await Promise.all(underWay)
    if (failure !== null) throw failure
  }

  const running = run()
  running.catch(() => {})
  return {
    get sessions() {
      return sessions
    },
    stop: async () => {
      stopping = true
      await running
    },
  }
}

function toRequest(session: WorldSession, text: string): { path: string; body: object } {
  const { system } = session.pattern.task
  const user = { role: 'user', content: text }
  if (session.model === models[0]) {
    return {
      path: '/v1/chat/completions',
      body: {
        model: session.model,
        user: toSessionKey(session),
        messages: system === null ? [user] : [{ role: 'system', content: system }, user],
      },
    }
  }
  return {
    path: '/v1/messages',
    body: {
      model: session.model,
      max_tokens: 200,
      metadata: { user_id: toSessionKey(session) },
      ...(system === null ? {} : { system }),
      messages: [user],
    },
  }
}

/** Complete, not empty, and no refusal: what the caller could use. */
function isGood(answer: any): boolean {
  const [text, stop] = answer.choices
    ? [answer.choices[0]?.message.content, answer.choices[0]?.finish_reason]
    : [answer.content?.[0]?.text, answer.stop_reason]
  return typeof text === 'string' && text.startsWith('Here is') && (stop === 'stop' || stop === 'end_turn')
}
