/** A thread for a test: it answers, throws, hangs or dies as it is asked. */
import { answerQuestions } from '../activities/thread/answering.ts'

answerQuestions((question: string) => {
  if (question === 'throw') throw new Error('thrown')
  if (question === 'fault') throw new RangeError('fault')
  if (question === 'die') process.exit(3)
  while (question === 'hang');
  return question
})
