/**
 * Asks the mining thread. One question at a time is worked on; a thread that dies or hangs is replaced, and has to be
 * told its teams again.
 */
import { Worker } from 'node:worker_threads'
import type { Answer, Asks, Question } from './mining-protocol.ts'

export interface MiningThread {
  ask<Kind extends keyof Asks>(kind: Kind, team: string, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']>
  /** Rises when the thread was replaced: what it held is gone. */
  readonly generation: number
  close(): Promise<void>
}

/** Grouping the most evidence that is kept takes some seconds, on a machine with nothing left over some more. */
const answerTimeoutMs = 180_000
const threadHeapMb = 2_048

/** Our own code failed on what it was asked: the same question would fail again. */
export class MiningFault extends TypeError {}

interface Waiting {
  resolve: (answer: never) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

export function createMiningThread(): MiningThread {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | null = null
  let generation = 0
  let last = 0

  function open(): Worker {
    // Without the options of whoever runs this process: the thread is plain code of its own.
    const opened = new Worker(new URL('./mining-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
      execArgv: [],
    })
    generation++
    opened.unref()
    opened.on('message', (message: Answer) => {
      const asked = take(message.id)
      if (asked === undefined) return
      if ('answer' in message) asked.resolve(message.answer as never)
      else asked.reject(message.ownFault ? new MiningFault(message.error) : new Error(message.error))
    })
    opened.on('error', (error) => abandon(opened, error instanceof Error ? error.message : String(error)))
    opened.on('exit', () => abandon(opened, 'it ended'))
    return opened
  }

  function take(id: number): Waiting | undefined {
    const asked = waiting.get(id)
    if (asked !== undefined) clearTimeout(asked.timer)
    waiting.delete(id)
    return asked
  }

  function abandon(which: Worker, why: string): void {
    if (which !== thread) return
    thread = null
    void which.terminate()
    for (const id of waiting.keys()) take(id)?.reject(new MiningFault(`the mining thread was lost: ${why}`))
  }

  return {
    get generation() {
      return generation
    },
    ask(kind, team, ask) {
      return new Promise((resolve, reject) => {
        const worker = (thread ??= open())
        const id = ++last
        const timer = setTimeout(
          () => abandon(worker, `it took longer than ${answerTimeoutMs / 1000} s`),
          answerTimeoutMs,
        )
        timer.unref()
        waiting.set(id, { resolve, reject, timer })
        worker.postMessage({ id, kind, team, ...ask } as Question)
      })
    },
    async close() {
      const closing = thread
      if (closing !== null) abandon(closing, 'it was closed')
      await closing?.terminate()
    },
  }
}
