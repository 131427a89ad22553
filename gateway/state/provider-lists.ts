/**
 * Asks providers which models they have, in the background: at the start, then every hour. The last good answers lie in
 * the data folder, so that a start without a network knows them too. Only providers whose names the configuration
 * leaves open are asked.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../db/process/log.ts'
import type { ListedModel, ModelLists } from '../providers/model-lists.ts'
import type { Target } from '../providers/targets.ts'

export interface ProviderLists extends ModelLists {
  /** Asks from now on. */
  follow(): void
  close(): void
}

type Asked = Pick<Target, 'name' | 'dialect' | 'base' | 'models' | 'fromEnvironment' | 'prepareOther' | 'sign' | 'pool'>

const refreshMs = 3_600_000
const firstRetryMs = 30_000
const patienceMs = 15_000
const maxAnswerBytes = 8 * 1024 * 1024
const maxPages = 20
const maxModels = 10_000

export function openProviderLists(
  targets: readonly Asked[],
  dataDir: string | null,
  log: Pick<Log, 'info'>,
): ProviderLists {
  const asked = targets.filter(
    (target) => target.fromEnvironment === true || target.models.some((model) => model.endsWith('*')),
  )
  const known = dataDir === null ? new Map<string, Copy>() : loadCopies(dataDir, asked)
  const timers = new Set<NodeJS.Timeout>()
  const stop = new AbortController()
  let version = 0

  const ask = async (target: Asked, retryMs: number): Promise<void> => {
    let nextMs = refreshMs
    try {
      const models = await fetchModels(target, stop.signal)
      if (models !== null) keep(target, models)
    } catch (error) {
      nextMs = retryMs
      if (!stop.signal.aborted)
        log.info(
          { err: error, provider: target.name },
          'the provider did not say which models it has; asked again later',
        )
    }
    if (stop.signal.aborted) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      void ask(target, Math.min(refreshMs, retryMs * 2))
    }, nextMs)
    timers.add(timer.unref())
  }

  const keep = (target: Asked, models: ListedModel[]): void => {
    const before = known.get(target.name)
    known.set(target.name, { address: target.base.href, models: new Map(models.map((model) => [model.id, model])) })
    if (before !== undefined && isSame(before.models, models)) return
    version++
    if (dataDir !== null) saveCopies(dataDir, known)
  }

  return {
    get version() {
      return version
    },
    of: (provider) => known.get(provider)?.models ?? null,
    follow() {
      for (const target of asked) void ask(target, firstRetryMs)
    },
    close() {
      stop.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** `null` = it has no such list. Rejects when it did not answer. */
async function fetchModels(target: Asked, stop: AbortSignal): Promise<ListedModel[] | null> {
  const prepared = target.prepareOther('/models')
  if (prepared === null) return null
  const models: ListedModel[] = []
  let after: string | null = null
  for (let page = 0; page < maxPages && models.length < maxModels; page++) {
    const query: string =
      target.dialect === 'anthropic' ? `limit=1000${after === null ? '' : `&after_id=${after}`}` : ''
    const path = query === '' ? prepared.path : `${prepared.path}${prepared.path.includes('?') ? '&' : '?'}${query}`
    const answer = await get(target, path, [...prepared.credentials, ...prepared.defaults], stop)
    if (answer === null) return null
    models.push(...readModels(answer))
    const { has_more: more, last_id: last } = answer as { has_more?: unknown; last_id?: unknown }
    if (more !== true || typeof last !== 'string' || query === '') break
    after = encodeURIComponent(last)
  }
  return models
}

/** `null` = there is nothing at this address. */
async function get(target: Asked, path: string, headers: string[], stop: AbortSignal): Promise<unknown> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(patienceMs)])
  const all = ['accept', 'application/json', 'accept-encoding', 'identity', ...headers]
  if (target.sign !== null)
    all.push(
      ...(await target.sign({ method: 'GET', url: new URL(path, target.base), headers: all, body: Buffer.alloc(0) })),
    )
  const { statusCode, body } = await target.pool.request({ method: 'GET', path, headers: all, signal })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxAnswerBytes) throw new Error('the list of models is too long')
    chunks.push(chunk)
  }
  if (statusCode === 404 || statusCode === 405) return null
  if (statusCode !== 200) throw new Error(`the provider answered ${statusCode} to the question for its models`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
}

/** OpenAI's and Anthropic's `data`, a bare list, or `models`; names of Google's begin with `models/`. */
function readModels(answer: unknown): ListedModel[] {
  const { data, models } = (answer ?? {}) as { data?: unknown; models?: unknown }
  const entries = [answer, data, models].find((list) => Array.isArray(list)) as unknown[] | undefined
  return (entries ?? []).slice(0, maxModels).flatMap((entry) => {
    const { id, name, created, created_at: at, display_name: displayName } = (entry ?? {}) as Record<string, unknown>
    const named = typeof id === 'string' ? id : name
    if (typeof named !== 'string' || named === '' || named.length > 200) return []
    const time = typeof created === 'number' ? created : typeof at === 'string' ? Date.parse(at) / 1_000 : Number.NaN
    return [
      {
        id: named.replace(/^models\//, ''),
        ...(time > 0 && time < 1e11 && { created: Math.floor(time) }),
        ...(typeof displayName === 'string' && { displayName: displayName.slice(0, 200) }),
      },
    ]
  })
}

function isSame(before: ReadonlyMap<string, ListedModel>, models: readonly ListedModel[]): boolean {
  return JSON.stringify([...before.values()]) === JSON.stringify(models)
}

interface Copy {
  /** Whose list it is: of another address it says nothing. */
  address: string
  models: ReadonlyMap<string, ListedModel>
}

const copyFile = 'models.json'

function loadCopies(dataDir: string, targets: readonly Asked[]): Map<string, Copy> {
  const copies = new Map<string, Copy>()
  try {
    const kept = JSON.parse(readFileSync(join(dataDir, copyFile), 'utf8')) as Record<
      string,
      { address: string; models: ListedModel[] }
    >
    for (const { name, base } of targets) {
      const copy = kept[name]
      if (copy?.address === base.href)
        copies.set(name, { address: copy.address, models: new Map(copy.models.map((model) => [model.id, model])) })
    }
  } catch {
    // None yet, or one that cannot be read: the providers are asked anyway.
  }
  return copies
}

function saveCopies(dataDir: string, copies: ReadonlyMap<string, Copy>): void {
  const content = Object.fromEntries(
    [...copies].map(([name, { address, models }]) => [name, { address, models: [...models.values()] }]),
  )
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(join(dataDir, `${copyFile}.new`), JSON.stringify(content), { mode: 0o600 })
    renameSync(join(dataDir, `${copyFile}.new`), join(dataDir, copyFile))
  } catch {
    // On a full disk the copy stays as it was; what is listed is the new one all the same.
  }
}
