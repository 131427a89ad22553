/** Prints at the end which tests needed a second try: one that passes only then is a fault to be found. */
import type { Reporter } from 'vitest/node'

/** What the reporter needs to know of a test. */
interface TriedTest {
  fullName: string
  module: { moduleId: string }
  diagnostic(): { retryCount: number } | undefined
}

export function createRetryReporter(print: (line: string) => void): Reporter & {
  onTestCaseResult(test: TriedTest): void
  onTestRunEnd(): void
} {
  const retried: string[] = []
  return {
    onTestCaseResult(test) {
      const tries = test.diagnostic()?.retryCount ?? 0
      if (tries > 0) retried.push(`${test.module.moduleId} > ${test.fullName} (${tries} more)`)
    },
    onTestRunEnd() {
      if (retried.length === 0) return
      print(`\n${retried.length} ${retried.length === 1 ? 'test was' : 'tests were'} tried again:`)
      for (const line of retried.splice(0)) print(`  ${line}`)
    },
  }
}
