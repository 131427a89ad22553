import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cachedProgram, findPresentProgram, findTemporalProgram } from '../local/temporal-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'sinew-temporal-'))
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  for (const server of servers) server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

const works = '#!/bin/sh\nexit 0\n'
const broken = '#!/bin/sh\nexit 1\n'
let homes = 0

/** A user with nothing: an empty cache, and a PATH with the system's basic programs only. */
function makeUser(): {
  env: NodeJS.ProcessEnv
  bin: string
  lines: string[]
  report: (name: string, message: string) => void
} {
  const home = join(folder, `user-${homes++}`)
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const name of ['sh', 'tar', 'gzip', 'sleep', 'cat', 'nice']) {
    const found = execFileSync('/bin/sh', ['-c', `command -v ${name}`])
      .toString()
      .trim()
    writeProgram(join(bin, name), `#!/bin/sh\nexec ${found} "$@"\n`)
  }
  const lines: string[] = []
  return {
    env: { PATH: bin, HOME: home, XDG_CACHE_HOME: join(home, 'cache') },
    bin,
    lines,
    report: (_, message) => lines.push(message),
  }
}

function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

/** Answers as temporal.download does, with an archive of one program. */
async function serveDownload(program: string): Promise<{ url: string; asked: string[] }> {
  const source = mkdtempSync(join(folder, 'archive-'))
  writeProgram(join(source, 'temporal'), program)
  execFileSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: source })
  const asked: string[] = []
  const url = await serve((request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.startsWith('/archive'))
      return void response.end(execFileSync('cat', [join(source, 'archive.tar.gz')]))
    response.end(JSON.stringify({ archiveUrl: `${url}/archive.tar.gz`, fileToExtract: 'temporal' }))
  })
  return { url, asked }
}

const refused = 'http://127.0.0.1:2'

test('the first working program on the PATH wins over the cache', async () => {
  const { env, bin, report } = makeUser()
  writeProgram(cachedProgram(env), works)
  writeProgram(join(bin, 'broken/temporal'), broken)
  writeProgram(join(bin, 'good/temporal'), works)
  const PATH = `${join(bin, 'broken')}:${join(bin, 'good')}:${env.PATH}`
  expect(await findTemporalProgram({ env: { ...env, PATH }, report, downloadUrl: refused })).toEqual({
    path: join(bin, 'good/temporal'),
  })
})

test('the cache is used when no program on the PATH works', async () => {
  const { env, bin, report } = makeUser()
  writeProgram(join(bin, 'temporal'), broken)
  writeProgram(cachedProgram(env), works)
  expect(await findTemporalProgram({ env, report, downloadUrl: refused })).toEqual({ path: cachedProgram(env) })
})

test('the download goes to the cache, whole, and is asked for as the SDKs do', async () => {
  const { env, report } = makeUser()
  const { url, asked } = await serveDownload(works)
  expect(await findTemporalProgram({ env, report, downloadUrl: `${url}/cli/default` })).toEqual({
    path: cachedProgram(env),
  })
  expect(asked[0]).toMatch(/^\/cli\/default\?arch=(amd64|arm64)&platform=(linux|darwin)&format=tar\.gz$/)
  expect(readdirSync(dirname(cachedProgram(env)))).toEqual(['temporal'])
  expect(await findPresentProgram(env)).toBe(cachedProgram(env))
})

test('a download that sends nothing is given up, and the reason is told', async () => {
  const { env, lines, report } = makeUser()
  const url = await serve(() => undefined)
  const found = await findTemporalProgram({ env, report, downloadUrl: url, downloadIdleMs: 50 })
  expect(lines[0]).toBe('the download failed: no byte arrived for 0.05 s')
  expect(found).toHaveProperty(
    'missing',
    expect.stringMatching(/no byte arrived.*Go is not installed.*install the Temporal CLI/),
  )
})

test('a download that stops in the middle is given up, and leaves nothing in the cache', async () => {
  const { env, lines, report } = makeUser()
  const url = await serve((request, response) => {
    if (!request.url?.startsWith('/archive'))
      return void response.end(JSON.stringify({ archiveUrl: `${url}/archive`, fileToExtract: 'temporal' }))
    response.write('some bytes')
  })
  await findTemporalProgram({ env, report, downloadUrl: url, downloadIdleMs: 100 })
  expect(lines[0]).toBe('the download failed: no byte arrived for 0.1 s')
  expect(readdirSync(dirname(cachedProgram(env)))).toEqual([])
})

test.each([
  ['an error of the server', (url: string) => `${url}/broken`, /answered 500/],
  ['a host that refuses', () => refused, /ECONNREFUSED/],
  ['an answer that is not the expected one', (url: string) => `${url}/other`, /names no archive/],
])('%s goes on to Go', async (_, address, reason) => {
  const { env, bin, lines, report } = makeUser()
  // A Go that builds at once, and shows which version it was asked for.
  writeProgram(
    join(bin, 'go'),
    `#!/bin/sh\necho "go: downloading something v1" >&2\nprintf '#!/bin/sh\\nexit 0\\n' > "$GOBIN/temporal"\n/bin/chmod +x "$GOBIN/temporal"\necho "$@" > "$HOME/asked"\n`,
  )
  const url = await serve((request, response) => {
    response.statusCode = request.url?.startsWith('/broken') ? 500 : 200
    response.end('{}')
  })
  expect(await findTemporalProgram({ env, report, downloadUrl: address(url) })).toEqual({ path: cachedProgram(env) })
  expect(lines[0]).toMatch(reason)
  expect(execFileSync('cat', [join(env.HOME ?? '', 'asked')]).toString()).toContain(
    'github.com/temporalio/cli/cmd/temporal@v1.5.1',
  )
})

test('a failing Go shows its last line', async () => {
  const { env, bin, lines, report } = makeUser()
  writeProgram(join(bin, 'go'), '#!/bin/sh\necho "go: example.com: connection refused" >&2\nexit 1\n')
  const found = await findTemporalProgram({ env, report, downloadUrl: refused })
  expect(lines.at(-1)).toBe(
    'building it with Go failed: go install ended with exit code 1: go: example.com: connection refused',
  )
  expect(found).toHaveProperty('missing')
})

test('a downloaded program that does not run is not kept', async () => {
  const { env, lines, report } = makeUser()
  const { url } = await serveDownload(broken)
  await findTemporalProgram({ env, report, downloadUrl: url })
  expect(lines[0]).toBe('the download failed: the program does not run')
  expect(existsSync(cachedProgram(env))).toBe(false)
})

test('two starts at once download once', async () => {
  const { env, report } = makeUser()
  const { url, asked } = await serveDownload(works)
  const search = { env, report, downloadUrl: url }
  expect(await Promise.all([findTemporalProgram(search), findTemporalProgram(search)])).toEqual([
    { path: cachedProgram(env) },
    { path: cachedProgram(env) },
  ])
  expect(asked).toHaveLength(2)
})

test('stopping ends a build with everything it started', async () => {
  const { env, bin, report } = makeUser()
  const stop = new AbortController()
  writeProgram(join(bin, 'go'), `#!/bin/sh\n/bin/sleep 1000 &\necho $! > "$HOME/child"\necho running >&2\nwait\n`)
  const search = findTemporalProgram({ env, report, downloadUrl: refused, signal: stop.signal })
  const child = join(env.HOME ?? '', 'child')
  await expect.poll(() => existsSync(child) && execFileSync('cat', [child]).toString()).toMatch(/\d+\n/)
  stop.abort()
  await expect(search).rejects.toThrow(/abort/i)
  const pid = Number(execFileSync('cat', [child]).toString())
  await expect.poll(() => isRunning(pid)).toBe(false)
})

test('a user without HOME has a cache folder all the same', () => {
  expect(cachedProgram({ PATH: '/bin' })).toMatch(/^\/.+\/sinew\/bin\/temporal$/)
})

/** A zombie counts as ended: who reaps it is not our business. */
function isRunning(pid: number): boolean {
  try {
    return (
      execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
        .toString()
        .trim()
        .startsWith('Z') === false
    )
  } catch {
    return false
  }
}
