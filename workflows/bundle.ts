/** The workflow code as the sandbox loads it, built once a process. */
import { bundleWorkflowCode, type Logger, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { fileURLToPath } from 'node:url'

export function bundleWorkflows(logger: Logger): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('./definitions/index.ts', import.meta.url)), logger })
}
