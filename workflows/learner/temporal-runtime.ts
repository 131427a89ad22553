/** Temporal's own runtime, which a process has once: its log joins ours, and its signal handlers stay off. */
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import type { Log } from '../../db/process/log.ts'

export function installTemporalRuntime(log: Log): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) =>
    log[level === 'ERROR' ? 'error' : 'warn']({ part: 'temporal', ...pickError(meta) }, message),
  )
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
  })
}

/** Workflow ids and errors; nothing else of what the SDK attaches belongs into a log line. */
function pickError(meta: Record<string, unknown> | undefined): Record<string, unknown> {
  const error = meta?.error
  return {
    ...(meta?.workflowId ? { workflow: meta.workflowId } : {}),
    ...(error ? { err: error instanceof Error ? error.message : String(error) } : {}),
  }
}
