/**
 * Launches one of Sinew's own processes on the pinned Node, with the IPC channel by which both sides notice the other's
 * end.
 */
import { giveWay } from '../process/priority.ts'
import { toReadable, type Report } from '../process/output.ts'
import { onLines, signalProcess, spawnProgram, waitForExit, type Running } from '../process/running.ts'

export interface ChildOptions {
  name: string
  /** The entry file, relative to the clone: it names the process in its command line. */
  entry: string
  root: string
  env: NodeJS.ProcessEnv
  report: Report
  /** Above 0, the process gives way to the others when the processor is busy. */
  niceness?: number
}

export async function launchChild(options: ChildOptions): Promise<Running> {
  const command = [process.execPath, options.entry]
  // `nice` becomes the program itself, so every thread has the priority from its beginning and the pid is the program's
  // own.
  const niced = options.niceness ? ['nice', '-n', String(options.niceness), ...command] : command
  const child = await launch(niced, options).catch((error: unknown) =>
    options.niceness ? launch(command, options) : Promise.reject(error),
  )
  onLines(child.stdout, (line) => options.report(options.name, toReadable(line)))
  onLines(child.stderr, (line) => options.report(options.name, toReadable(line)))
  child.on('error', (error) => options.report(options.name, error.message))
  const ready = new Promise<{ url?: string | undefined }>((resolve) => {
    child.on('message', (message: { kind?: unknown; url?: unknown } | null) => {
      if (message?.kind === 'ready') resolve({ url: typeof message.url === 'string' ? message.url : undefined })
    })
  })
  // Not while it starts: nobody is served any faster by a learner that comes up late.
  const { niceness } = options
  if (niceness) void ready.then(() => giveWay(child.pid, niceness))
  return {
    pid: child.pid,
    ready,
    exited: waitForExit(child),
    end: () => signalProcess(child.pid, 'SIGTERM'),
    kill: () => signalProcess(child.pid, 'SIGKILL'),
  }
}

function launch([program, ...args]: string[], { root, env }: ChildOptions) {
  // Detached: Ctrl-C in the terminal reaches only the supervisor, which stops everything in order.
  return spawnProgram(program ?? process.execPath, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}
