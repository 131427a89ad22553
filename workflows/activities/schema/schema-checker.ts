/**
 * Holds JSON against callers' JSON Schemas. The validator interprets schemas (nothing is compiled or evaluated) and
 * runs in a thread of its own: a pattern that backtracks without end or a schema that branches exponentially ends with
 * that thread.
 */
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { SchemaAnswer, SchemaQuestion } from './schema-thread.ts'

export interface SchemaChecker {
  /** `null` = it cannot be told: the schema is unusable, too big, or took too long. */
  isValid(schema: object, value: unknown): Promise<boolean | null>
  close(): Promise<void>
}

/** Wall time on a machine that may be busy; honest schemas take well under a millisecond. */
const checkTimeoutMs = 2_000
/** After so many slow ones a while passes without checks, so that somebody who invents them cannot hold up learning. */
const slowMax = 5
const slowPauseMs = 60_000
const charactersMax = 512 * 1024
/** Schemas that took too long are not tried again; the oldest are forgotten. */
const avoidedMax = 1_000
const threadHeapMb = 64

interface Waiting {
  resolve: (valid: boolean | null) => void
  digest: string
  timer: NodeJS.Timeout | null
}

export function createSchemaChecker(): SchemaChecker {
  const avoided = new Set<string>()
  const waiting = new Map<number, Waiting>()
  let thread: Worker | null = null
  let ready = false
  let slow = 0
  let pausedUntil = 0
  let last = 0

  function open(): Worker {
    const opened = new Worker(new URL('./schema-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
      stdout: true,
      stderr: true,
    })
    opened.unref()
    ready = false
    opened.on('message', (message: SchemaAnswer | 'ready') => {
      if (message !== 'ready') return settle(message.id, message.valid)
      ready = true
      watchNext()
    })
    // A thread that ran out of memory or could not start: whatever it was asked cannot be told.
    opened.on('error', () => abandon(opened))
    opened.on('exit', () => abandon(opened))
    return opened
  }

  function settle(id: number, valid: boolean | null): void {
    const asked = waiting.get(id)
    if (asked === undefined) return
    if (asked.timer !== null) clearTimeout(asked.timer)
    waiting.delete(id)
    asked.resolve(valid)
    watchNext()
  }

  /** The thread works through its questions in order, so only the first one's time runs. */
  function watchNext(): void {
    const next = waiting.values().next().value
    if (ready && next !== undefined && next.timer === null) next.timer = setTimeout(() => expire(next), checkTimeoutMs)
  }

  function expire(asked: Waiting): void {
    avoided.add(asked.digest)
    if (avoided.size > avoidedMax) avoided.delete(avoided.values().next().value as string)
    if (++slow % slowMax === 0) pausedUntil = performance.now() + slowPauseMs
    if (thread !== null) abandon(thread)
  }

  function abandon(which: Worker): void {
    if (which !== thread) return
    thread = null
    void which.terminate()
    for (const id of waiting.keys()) settle(id, null)
  }

  return {
    isValid(schema, value) {
      const question = { schema: JSON.stringify(schema), value: JSON.stringify(value) ?? 'null' }
      const digest = createHash('sha256').update(question.schema).digest('base64')
      if (
        question.schema.length + question.value.length > charactersMax ||
        avoided.has(digest) ||
        performance.now() < pausedUntil
      )
        return Promise.resolve(null)
      return new Promise((resolve) => {
        const id = ++last
        waiting.set(id, { resolve, digest, timer: null })
        thread ??= open()
        thread.postMessage({ id, ...question } satisfies SchemaQuestion)
        watchNext()
      })
    },
    async close() {
      const closing = thread
      if (closing !== null) abandon(closing)
      await closing?.terminate()
    },
  }
}
