/**
 * `SINEW_CONFIG` and the stores, read once and validated whole: every problem is reported, each with its path. One of
 * the three files that read the environment (the others: gateway/config.ts, temporal.config.ts).
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { environmentProviders, reportKinds, toProvider } from './provider-config.ts'
import { knownKinds } from './provider-kinds.ts'
import type { SinewConfig } from '../words/config.ts'
import type { Problem } from '../words/problem.ts'
import type { Timeouts } from '../words/provider.ts'

export type Environment = Record<string, string | undefined>

/**
 * `${NAME}` stands for itself while the YAML is read and is filled in afterwards: `{ key: ${KEY} }` is not YAML as it
 * is written, and a value filled in before could change the document's structure.
 */
const placeholderStart = '\uE000'
const placeholderEnd = '\uE001'
const placeholders = /\uE000([^\uE001]*)\uE001/g

const defaultTimeouts: Timeouts = { connectMs: 10_000, firstByteMs: 600_000, idleMs: 120_000 }
/** An analyst's daily limits where nothing else is said. */
export const defaultAnalystCaps = { maxCallsPerDay: 50, maxTokensPerDay: 200_000 }
/** A number may come from the environment, as text. */
const numeric = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value), schema)
/** Node's timers hold 31 bits; anything above would fire at once. */
const milliseconds = numeric(z.int().min(1).max(2_147_483_647))
/** Names appear in URLs, headers and `provider/model`, so they carry no separator. */
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
const secret = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')
const httpUrl = z
  .string()
  .refine(isHttpUrl, 'must be an http:// or https:// URL without credentials, query or fragment')

/** What the gateway writes itself, or takes from `apiKey`. */
const ownHeaders = /^(host|content-length|connection|transfer-encoding|authorization|x-api-key)$/i
const headers = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be a header name')
    .refine((text) => !ownHeaders.test(text), 'is written by the gateway itself'),
  z.string().regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'),
)

const provider = z.strictObject({
  name,
  kind: z
    .enum(
      knownKinds.map((kind) => kind.name),
      `must be one of ${knownKinds.map((kind) => kind.name).join(', ')}`,
    )
    .nullish(),
  dialect: z.enum(['openai', 'anthropic']).nullish(),
  wires: z
    .array(z.enum(['chat', 'responses', 'messages', 'google']))
    .min(1)
    .nullish(),
  baseUrl: httpUrl.nullish(),
  apiKey: secret.nullish(),
  headers: headers.nullish(),
  streamUsage: z.boolean().nullish(),
  apiVersion: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, 'must be a version such as 2024-10-21')
    .nullish(),
  models: z.array(z.string().min(1)).default([]),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.default(defaultTimeouts.connectMs),
      firstByteMs: milliseconds.default(defaultTimeouts.firstByteMs),
      idleMs: milliseconds.default(defaultTimeouts.idleMs),
    })
    .default(defaultTimeouts),
})

/** YAML 1.1 habits: `off` may arrive as a boolean. Google's tool names begin with a letter or an underscore. */
const toolNamespace = z
  .preprocess(
    (value) => (value === false ? 'off' : value),
    z
      .string('must be off, session, model or a prefix')
      .regex(
        /^[a-zA-Z_][a-zA-Z0-9_-]{0,23}$/,
        'must be off, session, model or a prefix: 1 to 24 letters, digits, - or _, not beginning with a digit or -',
      ),
  )
  .optional()

const dollars = numeric(z.number().min(0))
const price = z.strictObject({ input: dollars, output: dollars, cachedInput: dollars.optional() })

const share = numeric(z.number().min(0).max(1))
/** Longer than a timer can hold: these are compared, not waited for. */
const duration = numeric(
  z
    .int()
    .min(1)
    .max(3_650 * 86_400_000),
)
const chance = numeric(z.number().gt(0).max(0.2))
const units = numeric(z.int().min(1).max(10_000_000))
const hour = 3_600_000
const day = 24 * hour
const experiments = z.strictObject({
  ramp: z
    .array(numeric(z.number().gt(0).max(1)))
    .min(1)
    .max(20)
    .refine(
      (shares) => shares.every((one, index) => index === 0 || one > (shares[index - 1] as number)),
      'must grow from step to step',
    )
    .default([0.01, 0.05, 0.25, 0.5]),
  stepMs: duration.default(hour),
  stepUnits: units.default(30),
  windowMs: duration.default(day),
  minimumRunMs: duration.default(day),
  maximumRunMs: duration.default(14 * day),
  expectedUnits: units.default(2_000),
  // Below 50 of each arm the interval guarantees nothing.
  minimumPairs: numeric(z.int().min(50)).default(50),
  maximumPairs: units.default(5_000),
  alpha: chance.default(0.05),
  guardrailAlpha: chance.default(0.01),
  costIncrease: numeric(z.number().min(0).max(10)).default(0.25),
  fleetLevel: chance.default(0.05),
  fleetPeriodMs: duration.default(90 * day),
  holdback: share.default(0.05),
  holdbackMs: duration.default(14 * day),
  evaluateEveryMs: numeric(z.int().min(100).max(120_000)).default(10_000),
})

/** Up to a century: further on, dates end. */
const hours = numeric(z.number().positive().max(876_000))
const learning = z.strictObject({
  patterns: z
    .strictObject({
      shared: z
        .preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
        .default(false),
    })
    .prefault({}),
  enhance: z
    .strictObject({
      minExchanges: numeric(z.int().min(1)).default(20),
      maxSuccessRate: numeric(z.number().min(0).max(1)).default(0.7),
      approvals: numeric(z.int().min(1).max(2)).default(1),
      remindAfterHours: hours.default(72),
      expireAfterHours: hours.default(720),
      maxAddedTokens: numeric(z.int().min(0)).default(1_000),
    })
    .prefault({}),
  judge: z
    .strictObject({
      maxCallsPerDay: numeric(z.int().min(0)).default(0),
      maxTokensPerDay: numeric(z.int().min(0)).default(100_000),
      share: numeric(z.number().min(0).max(1)).default(0.05),
    })
    .prefault({}),
  watch: z
    .strictObject({
      recentHours: numeric(
        z
          .number()
          .positive()
          .max(24 * 31),
      ).default(24),
      baselineDays: numeric(z.number().positive().max(366)).default(14),
      staleAfterDays: numeric(z.number().positive().max(3_660)).default(14),
    })
    .prefault({}),
  replay: z
    .strictObject({
      maxCalls: numeric(z.int().min(0).max(100)).default(0),
      maxCallsPerDay: numeric(z.int().min(0)).default(200),
    })
    .prefault({}),
})

const file = z.strictObject({
  providers: z.array(provider).default([]),
  keys: z.array(z.strictObject({ name, key: secret, team: name.default('default'), toolNamespace })).default([]),
  admins: z.array(z.strictObject({ name, token: secret })).default([]),
  claude: z
    .strictObject({
      baseUrl: httpUrl.default('https://api.anthropic.com'),
      apiKey: secret,
      model: z.string().min(1),
      maxCallsPerDay: numeric(z.int().min(0)).default(defaultAnalystCaps.maxCallsPerDay),
      maxTokensPerDay: numeric(z.int().min(0)).default(defaultAnalystCaps.maxTokensPerDay),
    })
    .nullish(),
  learning: learning.prefault({}),
  experiments: experiments.prefault({}),
  retention: z.strictObject({ days: numeric(z.int().min(1).max(36_600)) }).nullish(),
  journal: z
    .strictObject({
      // YAML 1.1 habits: `on` and `off` may arrive as booleans.
      recording: z
        .preprocess((value) => (value === true ? 'on' : value === false ? 'off' : value), z.enum(['on', 'off']))
        .default('on'),
      durability: z.enum(['process', 'fsync']).default('process'),
      whenFull: z.enum(['refuse', 'forward']).default('refuse'),
    })
    .prefault({}),
  prices: z.record(z.string(), price).default({}),
  untranslatable: z.enum(['refuse', 'drop']).default('refuse'),
})

/** Reads the whole configuration. Never throws: what is wrong comes back as problems, and then nothing may start. */
export function readConfig(env: Environment): { config: SinewConfig; problems: Problem[] } {
  const problems: Problem[] = []
  const parsed = readFile(env, problems)
  const stores = {
    dataDir: resolve(env.SINEW_DATA_DIR || '.sinew'),
    databaseUrl: readStoreUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], problems),
    redisUrl: readStoreUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], problems),
  }
  const providers = parsed.providers.flatMap((entry) => toProvider(entry, env))
  const config: SinewConfig = {
    ...stores,
    ...parsed,
    providers: [...providers, ...environmentProviders(env, providers, defaultTimeouts)],
    claude: parsed.claude ?? null,
    retention: parsed.retention ?? null,
  }
  return { config, problems }
}

function readFile(env: Environment, problems: Problem[]): z.output<typeof file> {
  const path = env.SINEW_CONFIG
  if (!path) return file.parse({})
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    problems.push({
      path: 'SINEW_CONFIG',
      message: `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    })
    return file.parse({})
  }
  const document = parseDocument(
    text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, `${placeholderStart}$1${placeholderEnd}`),
  )
  if (document.errors.length > 0) {
    // One slip makes the parser stumble over all that follows: the first places are enough.
    for (const error of document.errors.slice(0, 3))
      problems.push({ path: 'SINEW_CONFIG', message: error.message.split('\n')[0] ?? error.message })
    return file.parse({})
  }
  const substituted = substitute(document.toJS() ?? {}, env, problems)
  reportDuplicates(substituted.value, problems)
  reportKinds(substituted.value, problems)
  const result = file.safeParse(substituted.value)
  if (result.success) return result.data
  for (const issue of result.error.issues) problems.push(...toProblems(issue, substituted.missing))
  return file.parse({})
}

/** Replaces every placeholder; a variable that is not set is a problem at the string's own path. */
function substitute(root: unknown, env: Environment, problems: Problem[]): { value: unknown; missing: Set<string> } {
  const missing = new Set<string>()
  const walk = (node: unknown, at: string): unknown => {
    if (typeof node === 'string') {
      return node.replace(placeholders, (_, variable: string) => {
        const found = env[variable]
        if (found) return found
        missing.add(at)
        problems.push({ path: at, message: `the environment variable ${variable} is not set` })
        return ''
      })
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, `${at}[${index}]`))
    if (node && typeof node === 'object') {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, at ? `${at}.${key}` : key)]))
    }
    return node
  }
  return { value: walk(root, ''), missing }
}

function toProblems(issue: z.core.$ZodIssue, missing: Set<string>): Problem[] {
  const at = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : path ? `${path}.${String(part)}` : String(part)),
    '',
  )
  // A value that is wrong only because its variable is missing has been reported under that name already.
  if (missing.has(at)) return []
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: at ? `${at}.${key}` : key, message: 'is not a known setting' }))
  const required = issue.code === 'invalid_type' && issue.message.includes('received undefined')
  return [{ path: at || 'SINEW_CONFIG', message: required ? 'is required' : issue.message }]
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
}

/** Reads a port variable; here so that every port is refused in the same words. 0 = any free port. */
export function readPort(env: Environment, variable: string, fallback: number, problems: Problem[]): number {
  const text = env[variable]
  if (!text) return fallback
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  problems.push({ path: variable, message: `must be a port from 0 to 65535, not ${JSON.stringify(text)}` })
  return fallback
}

function readStoreUrl(env: Environment, variable: string, protocols: string[], problems: Problem[]): string | null {
  const text = env[variable]
  if (!text) return null
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    // The value may hold a password, so it is not repeated.
    problems.push({
      path: variable,
      message: `must be a ${protocols.map((protocol) => `${protocol}//`).join(' or ')} URL`,
    })
    return null
  }
  return text
}

/** Works on the file as it was written, so that one wrong value does not hide a name that is there twice. */
function reportDuplicates(raw: unknown, problems: Problem[]): void {
  const texts = (list: string, member: string): unknown[] => {
    const entries: unknown = (raw as Record<string, unknown> | null)?.[list]
    return Array.isArray(entries) ? entries.map((entry: Record<string, unknown> | null) => entry?.[member]) : []
  }
  const report = (list: string, member: string, reserved?: { value: string; message: string }): void => {
    const values = texts(list, member)
    values.forEach((value, index) => {
      const first = values.indexOf(value)
      if (value && first < index)
        problems.push({ path: `${list}[${index}].${member}`, message: `is the same as ${list}[${first}].${member}` })
      if (reserved && value === reserved.value)
        problems.push({ path: `${list}[${index}].${member}`, message: reserved.message })
    })
  }
  report('providers', 'name', { value: 'sim', message: 'sim is the built-in simulation; choose another name' })
  report('keys', 'name')
  report('keys', 'key')
  report('admins', 'name', {
    value: 'admin',
    message: 'admin is the person behind SINEW_ADMIN_TOKEN; choose another name',
  })
  report('admins', 'token')
}
