/** One translator from what was thrown to what people read and what the page does next. */
import { isTRPCClientError } from '@trpc/client'
import type { AppRouter } from '../../gateway/control/router.ts'

export interface Failure {
  /** `gone`: nobody is signed in. `away`: it may well work in a moment, so the page tries again by itself. */
  kind: 'gone' | 'away' | 'missing' | 'conflict' | 'refused' | 'broken'
  message: string
}

export function toFailure(thrown: unknown): Failure {
  if (!isTRPCClientError<AppRouter>(thrown))
    return { kind: 'broken', message: thrown instanceof Error ? thrown.message : String(thrown) }
  switch (thrown.data?.code) {
    case undefined:
      return { kind: 'away', message: 'The control process does not answer.' }
    case 'UNAUTHORIZED':
      return { kind: 'gone', message: toSentence(thrown.message) }
    case 'SERVICE_UNAVAILABLE':
      return { kind: 'away', message: toSentence(thrown.message) }
    case 'NOT_FOUND':
      return { kind: 'missing', message: toSentence(thrown.message) }
    case 'CONFLICT':
      return { kind: 'conflict', message: toSentence(thrown.message) }
    case 'INTERNAL_SERVER_ERROR':
      return { kind: 'broken', message: toSentence(thrown.message) }
    default:
      return { kind: 'refused', message: toSentence(thrown.message) }
  }
}

function toSentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
