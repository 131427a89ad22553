import { DefaultLogger } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { bundleWorkflows } from '../bundle.ts'
import { workflowNames } from '../contract.ts'
import * as definitions from '../definitions/index.ts'

// A forbidden import (Node's modules, activities, the database) makes the bundler fail or warn, so this guards the sandbox.
test('the workflow definitions bundle for the sandbox, without a warning', async () => {
  const warnings: string[] = []
  const { code } = await bundleWorkflows(new DefaultLogger('WARN', ({ message }) => warnings.push(message)))
  expect(warnings).toEqual([])
  for (const name of Object.values(workflowNames)) expect(code).toContain(name)
  expect(code.length).toBeLessThan(2_500_000)
})

test('every workflow of the contract is exported under its name', () => {
  for (const name of Object.values(workflowNames)) expect(definitions[name]).toBeTypeOf('function')
})
