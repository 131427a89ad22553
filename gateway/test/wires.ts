import type { Wire } from '../../db/words/wire.ts'

/** What callers speak. */
export const wires = ['chat', 'responses', 'messages'] as const satisfies readonly Wire[]
