/**
 * Asks a worker thread of our own. It works on one question at a time; a thread that dies or takes too long is
 * replaced, and every question that it has not answered is lost. (A pool such as piscina hands out tasks to any thread
 * and cannot end the one that hangs without losing what the others hold.)
 */
import { Worker } from 'node:worker_threads'
import type { Asked, Message } from './answering.ts'

export interface ThreadOptions {
  script: URL
  maxHeapMb: number
  /** Time for one question, from when the thread begins to work on it. */
  limitMs: number
}

export interface AskedThread<Question> {
  ask(question: Question): Promise<unknown>
  /** Rises when the thread was replaced: what it held is gone. */
  readonly generation: number
  close(): Promise<void>
}

/** What the thread threw. `isFault`: by the question itself, so that the same one would fail again. */
export class ThreadError extends Error {
  readonly isFault: boolean

  constructor(message: string, isFault: boolean) {
    super(message)
    this.isFault = isFault
  }
}

/** The thread ended before it answered. `isCause`: this question took too long. */
export class ThreadLost extends Error {
  readonly isCause: boolean

  constructor(message: string, isCause: boolean) {
    super(message)
    this.isCause = isCause
  }
}

interface Waiting {
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout | null
}

// oxlint-disable-next-line max-lines-per-function -- one thread and what waits for it: each of its functions changes both
export function createAskedThread<Question>({ script, maxHeapMb, limitMs }: ThreadOptions): AskedThread<Question> {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | null = null
  let ready = false
  let generation = 0
  let lastId = 0

  function open(): Worker {
    const opened = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      // Without the options of whoever runs this process: the thread is plain code of its own.
      execArgv: [],
      stdout: true,
      stderr: true,
    })
    generation++
    ready = false
    opened.unref()
    opened.on('message', (message: Message) => {
      if (message === 'ready') ready = true
      else if ('error' in message) take(message.id)?.reject(new ThreadError(message.error, message.isFault))
      else take(message.id)?.resolve(message.answer)
      watchFirst()
    })
    opened.on('error', (error) => abandon(opened, error instanceof Error ? error.message : String(error)))
    opened.on('exit', () => abandon(opened, 'it ended'))
    return opened
  }

  function take(id: number): Waiting | undefined {
    const asked = waiting.get(id)
    if (asked?.timer) clearTimeout(asked.timer)
    waiting.delete(id)
    return asked
  }

  /** The thread works through its questions in order, so only the first one's time runs. */
  function watchFirst(): void {
    const [first] = waiting
    if (!ready || first === undefined || first[1].timer !== null) return
    const [id, asked] = first
    asked.timer = setTimeout(() => {
      const why = `it took longer than ${limitMs / 1000} s`
      take(id)?.reject(new ThreadLost(why, true))
      if (thread !== null) abandon(thread, why)
    }, limitMs)
  }

  function abandon(which: Worker, why: string): void {
    if (which !== thread) return
    thread = null
    void which.terminate()
    for (const id of waiting.keys()) take(id)?.reject(new ThreadLost(why, false))
  }

  return {
    get generation() {
      return generation
    },
    ask(question) {
      return new Promise((resolve, reject) => {
        thread ??= open()
        const id = ++lastId
        waiting.set(id, { resolve, reject, timer: null })
        thread.postMessage({ id, question } satisfies Asked)
        watchFirst()
      })
    },
    async close() {
      const closing = thread
      if (closing !== null) abandon(closing, 'it was closed')
      await closing?.terminate()
    },
  }
}
