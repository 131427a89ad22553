import { expect, test } from 'vitest'
import { createRetryReporter } from './retry-reporter.ts'

test('a test that was tried again is printed at the end, whether it passed then or not; the others are not', () => {
  const lines: string[] = []
  const reporter = createRetryReporter((line) => lines.push(line))
  for (const [fullName, retryCount] of [
    ['works at once', 0],
    ['works the second time', 1],
  ] as const)
    reporter.onTestCaseResult({ fullName, module: { moduleId: 'a.test.ts' }, diagnostic: () => ({ retryCount }) })
  reporter.onTestCaseResult({ fullName: 'was skipped', module: { moduleId: 'a.test.ts' }, diagnostic: () => undefined })
  expect(lines).toEqual([])
  reporter.onTestRunEnd()
  expect(lines).toEqual(['\n1 test was tried again:', '  a.test.ts > works the second time (1 more)'])
})
