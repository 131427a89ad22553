import { defineConfig } from 'vitest/config'
import { createRetryReporter } from './docker/test/retry-reporter.ts'

/**
 * For real servers, the whole product and a browser on a machine that is short of time: a test gets a second chance, and what fails
 * twice is broken. Each chance that was needed is printed at the end, so that a race is seen.
 */
const retry = 1

/**
 * Tests wait for conditions; the limits only end what hangs, and leave a busy machine its time. Fast tests first:
 * `unit` touches nothing but files, `integration` real servers, `system` the whole product and a browser. Processes,
 * not threads: native code of Temporal's worker does not survive its thread's end.
 */
export default defineConfig({
  test: {
    reporters: ['default', createRetryReporter((line) => process.stdout.write(`${line}\n`))],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{db,workflows,gateway,admin,docker}/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/*.system.test.ts', '**/node_modules/**'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{db,workflows,gateway,admin,docker}/**/*.integration.test.ts'],
          pool: 'forks',
          globalSetup: ['docker/test/servers.ts'],
          // A whole run needed none; beside other work a proposal was once not filed in time, and why is not known yet.
          retry,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'system',
          include: ['{db,workflows,gateway,admin,docker}/**/*.system.test.ts'],
          pool: 'forks',
          globalSetup: ['docker/test/servers.ts'],
          retry,
          testTimeout: 240_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
          // Each brings up the whole product, which uses every core there is.
          maxWorkers: 1,
        },
      },
    ],
  },
})
