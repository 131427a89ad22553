/**
 * The launcher behind every npm command. It needs Node 20 and npm, installs what is missing, and runs the rest on the
 * pinned Node. It passes signals on, ends with its child's code, and its child ends when the launcher is killed.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** How often it is checked that the npm which called us still lives. */
const parentPollMs = 1000

const check = [
  { what: 'oxfmt', run: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'] },
  { what: 'oxlint', run: ['node_modules/oxlint/bin/oxlint', '--type-aware'] },
  { what: 'tsc', run: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  {
    what: 'tsc admin',
    run: ['node_modules/typescript/bin/tsc', '-p', 'admin/tsconfig.json'],
    needs: 'admin/tsconfig.json',
  },
  { what: 'knip', run: ['node_modules/knip/bin/knip.js', '--no-progress'] },
]
const commands = {
  start: {
    does: 'install what is missing, bring everything up',
    steps: [{ run: ['docker/supervisor/supervisor.ts'], takesArguments: true }],
  },
  test: {
    does: 'format, lint, types, what nobody uses, and all tests; arguments after -- go to vitest',
    steps: [
      ...check,
      {
        run: ['node_modules/vitest/vitest.mjs', 'run', '--config', '.vitest.config.ts'],
        guarded: true,
        takesArguments: true,
      },
    ],
  },
  check: { does: 'the same without the tests', steps: check },
  gateway: { does: 'the gateway alone', steps: [{ run: ['gateway/server.ts'], takesArguments: true }] },
  learner: { does: 'the learner alone', steps: [{ run: ['workflows/learner.ts'], takesArguments: true }] },
  control: { does: 'the admin API and pages alone', steps: [{ run: ['gateway/control.ts'], takesArguments: true }] },
  bench: {
    does: 'the table of relative speeds',
    steps: [{ run: ['gateway/test/bench/bench.ts'], guarded: true, takesArguments: true }],
  },
  world: {
    does: 'forty applications of known truth through the whole product, in an hour at most',
    steps: [{ run: ['workflows/test/world/world.ts'], guarded: true, takesArguments: true }],
  },
  eval: {
    does: 'a measure on rows of data: eval <what> <rows.jsonl>',
    steps: [{ run: ['gateway/test/eval/eval.ts'], guarded: true, takesArguments: true }],
  },
}

const stopping = new AbortController()
let child = null
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopping.abort(signal)
    child?.kill(signal)
  })
}
watchNpm()
process.exitCode = await main(process.argv[2], process.argv.slice(3))

async function main(name, args) {
  if (Number(process.versions.node.split('.')[0]) < 20)
    return fail(`Node 20 or newer is needed to begin; this is ${process.version}`)
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : null
  if (!command) return fail(`${name ? `${name} is not a command` : 'which command?'}\n\n${listCommands()}`)
  let node
  try {
    const { ensureInstalled, findPinnedNode } = await import('./launcher/install.mjs')
    await ensureInstalled(root, { print: (line) => console.log(`sinew  ${line}`), signal: stopping.signal })
    node = findPinnedNode(root)
  } catch (error) {
    if (stopping.signal.aborted) return exitCodeOf(null, stopping.signal.reason)
    return fail(error instanceof Error ? error.message : String(error))
  }
  return await runSteps(node, name, command.steps, args)
}

function listCommands() {
  const lines = Object.entries(commands).map(([key, { does }]) => `  ${key.padEnd(8)} ${does}`)
  return `npm start, npm test, or npm run <command>:\n${lines.join('\n')}`
}

/** The first that fails ends it with its code. */
async function runSteps(node, name, steps, args) {
  for (const step of steps) {
    if (stopping.signal.aborted) return exitCodeOf(null, stopping.signal.reason)
    if (step.needs && !existsSync(join(root, step.needs))) continue
    if (!existsSync(join(root, step.run[0]))) return fail(`${name} is not here yet: ${step.run[0]} is missing`)
    const code = await run(node, step, step.takesArguments ? args : [])
    if (code !== 0) {
      if (step.what) console.error(`sinew  ${step.what} failed`)
      return code
    }
  }
  return 0
}

/** Runs one step on the pinned Node. The IPC channel is how the child notices that the launcher was killed. */
function run(node, step, args) {
  const guard = step.guarded ? ['--import', new URL('./launcher/end-with-launcher.mjs', import.meta.url).href] : []
  const env = {
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
    ...process.env,
    SINEW_LAUNCHER_PID: String(process.pid),
  }
  return new Promise((resolve) => {
    child = spawn(node, [...guard, ...step.run, ...args], {
      cwd: root,
      env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    child.on('error', (error) => resolve(fail(`cannot run ${node}: ${error.code ?? error.message}`)))
    child.on('exit', (code, signal) => resolve(exitCodeOf(code, signal)))
    if (stopping.signal.aborted) child.kill(stopping.signal.reason)
  })
}

/**
 * npm passes SIGTERM to the shell it runs scripts with, and not every shell passes it on; an npm that was killed passes
 * nothing. So a launcher that npm started takes the loss of its parent for SIGTERM.
 */
function watchNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid === parent || stopping.signal.aborted) return
    stopping.abort('SIGTERM')
    child?.kill('SIGTERM')
  }, parentPollMs).unref()
}

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 1)
}

function fail(message) {
  console.error(`sinew  ${message}`)
  return 1
}
