/** How every process reports what is wrong with its configuration: all problems at once, one line each. */
import type { Problem } from '../words/problem.ts'

/** One line a problem, so that people can read it and programs can count it. */
export function toProblemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ path, message }) => `${path}: ${message.replaceAll('\n', ' ')}`)
}

/** Prints the problems and ends the process, if there are any. */
export function endOnProblems(problems: readonly Problem[]): void {
  for (const line of toProblemLines(problems)) process.stderr.write(`${line}\n`)
  if (problems.length > 0) process.exit(1)
}
