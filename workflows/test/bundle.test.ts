import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefaultLogger } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { bundleWorkflows, loadWorkflowBundle } from '../learner/bundle.ts'
import { workflowNames } from '../contract.ts'
import { definitions } from '../definitions/index.ts'

// A forbidden import (Node's modules, activities, the database) makes the bundler fail or warn, so this guards the
// sandbox.
test('the workflow definitions bundle for the sandbox, without a warning', async () => {
  const warnings: string[] = []
  const { code } = await bundleWorkflows(new DefaultLogger('WARN', ({ message }) => warnings.push(message)))
  expect(warnings).toEqual([])
  for (const name of Object.values(workflowNames)) expect(code).toContain(name)
  expect(code.length).toBeLessThan(2_500_000)
})

test('the bundle is built once for the same sources', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'sinew-bundle-'))
  writeFileSync(join(cache, 'workflows-of-an-earlier-version.js'), '')
  const first = await loadWorkflowBundle(cache, new DefaultLogger('ERROR'))
  expect(await loadWorkflowBundle(cache, new DefaultLogger('ERROR'))).toEqual(first)
  expect(readdirSync(cache)).toEqual([expect.stringMatching(/^workflows-[0-9a-f]{32}\.js$/)])
  rmSync(cache, { recursive: true })
})

test('every workflow of the contract is exported under its name', () => {
  for (const name of Object.values(workflowNames)) expect(definitions[name]).toBeTypeOf('function')
})
