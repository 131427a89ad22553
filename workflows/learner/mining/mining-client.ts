/** Asks the mining thread. One that was replaced has to be given its teams again. */
import { createAskedThread, ThreadError, ThreadLost } from '../../activities/thread/asking.ts'
import type { Asks, Question } from './mining-protocol.ts'

export interface MiningThread {
  ask<Kind extends keyof Asks>(kind: Kind, team: string, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']>
  /** Rises when the thread was replaced: what it held is gone. */
  readonly generation: number
  close(): Promise<void>
}

/** Grouping the most evidence that is kept takes some seconds, on a machine with nothing left over some more. */
const answerTimeoutMs = 180_000
const threadHeapMb = 2_048

/** A fault of the question: the same one would fail again. */
class MiningFault extends TypeError {}

export function createMiningThread(): MiningThread {
  const thread = createAskedThread<Question>({
    script: new URL('./mining-thread.ts', import.meta.url),
    maxHeapMb: threadHeapMb,
    limitMs: answerTimeoutMs,
  })
  return {
    get generation() {
      return thread.generation
    },
    async ask(kind, team, ask) {
      try {
        return (await thread.ask({ kind, team, ...ask } as Question)) as never
      } catch (error) {
        if (error instanceof ThreadLost) throw new MiningFault(`the mining thread was lost: ${error.message}`)
        throw error instanceof ThreadError && error.isFault ? new MiningFault(error.message) : error
      }
    },
    close: () => thread.close(),
  }
}
