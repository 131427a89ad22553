/** The official download of the Temporal CLI, asked for in the same way as Temporal's own SDKs do. */
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Report } from '../process/output.ts'
import { onLines, spawnProgram, waitForClose } from '../process/running.ts'

export interface DownloadOptions {
  /** An empty folder for whatever is made. */
  folder: string
  env: NodeJS.ProcessEnv
  report: Report
  signal?: AbortSignal
  downloadUrl?: string
  downloadIdleMs?: number
}

const officialUrl = 'https://temporal.download/cli/default'
const idleMs = 20_000
const progressMs = 3000
const infoBytesMax = 100_000

/** Resolves to the program. Given up when nothing arrives for a while, however long the whole may take. */
export async function downloadTemporal(options: DownloadOptions): Promise<string> {
  const { folder, report } = options
  const idle = createIdleLimit(options.downloadIdleMs ?? idleMs, options.signal)
  const startedAt = Date.now()
  let bytes = 0
  const timer = setInterval(() => {
    report(
      'temporal',
      `downloading the Temporal server: ${Math.round((Date.now() - startedAt) / 1000)} s, ${(bytes / 1e6).toFixed(1)} MB`,
    )
  }, progressMs)
  const count = (chunk: Uint8Array): void => {
    bytes += chunk.length
    idle.touch()
  }
  try {
    const info = await readInfo(options.downloadUrl ?? officialUrl, idle.signal, count)
    const archive = join(folder, 'archive.tar.gz')
    const answer = await request(info.archiveUrl, idle.signal)
    await pipeline(
      Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          count(chunk)
          yield chunk
        }
      },
      createWriteStream(archive),
      { signal: idle.signal },
    )
    idle.stop()
    return await extract(archive, info.fileToExtract, folder)
  } catch (error) {
    throw idle.gaveUp()
      ? new Error(`no byte arrived for ${(options.downloadIdleMs ?? idleMs) / 1000} s`)
      : explain(error)
  } finally {
    idle.stop()
    clearInterval(timer)
  }
}

/** Aborts when `touch` was not called for a while. */
function createIdleLimit(limitMs: number, outer: AbortSignal | undefined) {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), limitMs)
  return {
    signal: outer ? AbortSignal.any([outer, silence.signal]) : silence.signal,
    touch() {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), limitMs)
    },
    stop: () => clearTimeout(timer),
    gaveUp: () => silence.signal.aborted,
  }
}

async function readInfo(
  base: string,
  signal: AbortSignal,
  count: (chunk: Uint8Array) => void,
): Promise<{ archiveUrl: string; fileToExtract: string }> {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  if (!architecture) throw new Error(`there is none for ${process.arch}`)
  const url = new URL(base)
  url.search = new URLSearchParams({
    arch: architecture,
    platform: process.platform === 'darwin' ? 'darwin' : 'linux',
    format: 'tar.gz',
  }).toString()
  const answer = await request(url.href, signal)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    count(chunk)
    if ((size += chunk.length) > infoBytesMax) throw new Error('the answer is not what was expected')
    chunks.push(chunk)
  }
  const info = JSON.parse(Buffer.concat(chunks).toString()) as { archiveUrl?: unknown; fileToExtract?: unknown }
  if (typeof info.archiveUrl !== 'string' || typeof info.fileToExtract !== 'string')
    throw new Error('the answer names no archive')
  return { archiveUrl: info.archiveUrl, fileToExtract: info.fileToExtract }
}

async function request(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal })
  if (!answer.ok || !answer.body) throw new Error(`${new URL(url).host} answered ${answer.status}`)
  return answer
}

async function extract(archive: string, file: string, folder: string): Promise<string> {
  const child = await spawnProgram('tar', ['-xzf', archive, '-C', folder, '--', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  onLines(child.stderr, (line) => lines.push(line))
  const reason = await waitForClose(child)
  const made = join(folder, file)
  if (reason !== 'exit code 0' || !existsSync(made))
    throw new Error(`tar failed (${reason}) ${lines.slice(-1).join('')}`.trim())
  return made
}

/** fetch hides the reason in a cause. */
function explain(error: unknown): Error {
  const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
  return new Error(code ?? message)
}
