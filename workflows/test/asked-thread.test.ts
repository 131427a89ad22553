/** A worker thread that is asked: what becomes of questions when it throws, hangs or dies. */
import { afterEach, expect, test } from 'vitest'
import { createAskedThread, ThreadError, ThreadLost, type AskedThread } from '../activities/thread/asking.ts'

type Question = 'echo' | 'throw' | 'fault' | 'hang' | 'die'
let thread: AskedThread<Question> | null = null
afterEach(() => thread?.close())

const open = (limitMs = 60_000): AskedThread<Question> =>
  (thread = createAskedThread({ script: new URL('./asked-thread-child.ts', import.meta.url), maxHeapMb: 64, limitMs }))

test('answers come back to their questions, and an error says whether the question is at fault', async () => {
  const { ask } = open()
  const [echo, thrown, fault, again] = await Promise.allSettled([ask('echo'), ask('throw'), ask('fault'), ask('echo')])
  expect([echo, again]).toEqual(Array(2).fill({ status: 'fulfilled', value: 'echo' }))
  expect(thrown).toMatchObject({ reason: new ThreadError('thrown', false) })
  expect(fault).toMatchObject({ reason: { message: 'fault', isFault: true } })
  expect(thread?.generation).toBe(1)
})

test('one that hangs is replaced: the question that hung is named the cause, those behind it are not, and the next one is answered', async () => {
  const { ask } = open(50)
  const lost = await Promise.all([ask('hang'), ask('echo')].map((asked) => asked.catch((error: unknown) => error)))
  expect(lost.every((error) => error instanceof ThreadLost)).toBe(true)
  expect(lost).toMatchObject([{ isCause: true }, { isCause: false }])
  expect(await ask('echo')).toBe('echo')
  expect(thread?.generation).toBe(2)
})

test('one that dies loses its questions, and the next one is answered', async () => {
  const { ask } = open()
  await expect(ask('die')).rejects.toMatchObject({ message: 'it ended', isCause: false })
  expect(await ask('echo')).toBe('echo')
})
