/**
 * Holds JSON against callers' JSON Schemas. The validator interprets schemas (nothing is compiled or evaluated) and
 * runs in a thread of its own: a pattern that backtracks without end or a schema that branches exponentially ends with
 * that thread.
 */
import { createHash } from 'node:crypto'
import { createAskedThread, ThreadLost } from '../thread/asking.ts'
import type { SchemaQuestion } from './schema-thread.ts'

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

export function createSchemaChecker(): SchemaChecker {
  const avoided = new Set<string>()
  const thread = createAskedThread<SchemaQuestion>({
    script: new URL('./schema-thread.ts', import.meta.url),
    maxHeapMb: threadHeapMb,
    limitMs: checkTimeoutMs,
  })
  let slow = 0
  let pausedUntil = 0

  function avoid(digest: string): void {
    avoided.add(digest)
    if (avoided.size > avoidedMax) avoided.delete(avoided.values().next().value as string)
    if (++slow % slowMax === 0) pausedUntil = performance.now() + slowPauseMs
  }

  return {
    async isValid(schema, value) {
      const question = { schema: JSON.stringify(schema), value: JSON.stringify(value) ?? 'null' }
      const digest = createHash('sha256').update(question.schema).digest('base64')
      if (
        question.schema.length + question.value.length > charactersMax ||
        avoided.has(digest) ||
        performance.now() < pausedUntil
      )
        return null
      try {
        return (await thread.ask(question)) as boolean | null
      } catch (error) {
        // A thread that ran out of memory or could not start: whatever it was asked cannot be told.
        if (error instanceof ThreadLost && error.isCause) avoid(digest)
        return null
      }
    },
    close: () => thread.close(),
  }
}
