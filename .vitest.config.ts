import { defineConfig } from 'vitest/config'

/**
 * Fast tests first: `unit` touches nothing but files, `integration` real servers, `system` the whole product and a
 * browser. Processes, not threads: native code of Temporal's worker does not survive its thread's end.
 */
/** A machine short of time starves a wait now and then: a test gets a second chance, and what fails twice is broken. */
const retry = 1

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{db,workflows,gateway,admin,docker}/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/*.system.test.ts', '**/node_modules/**'],
          pool: 'forks',
          retry,
          testTimeout: 30_000,
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
          retry,
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
