/** The side of a worker thread that answers: one question after the other, each with an answer or an error in words. */
import { parentPort } from 'node:worker_threads'

export interface Asked {
  id: number
  question: unknown
}

/** `ready`: the thread is loaded, and from here on the time of its first question runs. */
export type Message = 'ready' | { id: number; answer: unknown } | { id: number; error: string; isFault: boolean }

export function answerQuestions<Question>(answer: (question: Question) => unknown): void {
  const send = (message: Message): void => parentPort?.postMessage(message)
  parentPort?.on('message', ({ id, question }: Asked) => {
    try {
      send({ id, answer: answer(question as Question) })
    } catch (error) {
      const isFault = error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError
      send({ id, error: error instanceof Error ? error.message : String(error), isFault })
    }
  })
  send('ready')
}
