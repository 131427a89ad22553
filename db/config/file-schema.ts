/** The configuration file as a whole: which members it may have, and what stands where it says nothing. */
import { z } from 'zod'
import { alias, retries } from './alias-schema.ts'
import { experiments, learning } from './learning-schema.ts'
import { provider } from './provider-schema.ts'
import { count, dollars, httpUrl, name, numeric, origin, secret } from './values.ts'

/** The analyst's daily limits where the file says nothing. */
export const defaultAnalystCaps = { maxCallsPerDay: 50, maxTokensPerDay: 200_000 }

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

const claude = z.strictObject({
  baseUrl: httpUrl.default('https://api.anthropic.com'),
  apiKey: secret,
  model: z.string().min(1),
  maxCallsPerDay: count.default(defaultAnalystCaps.maxCallsPerDay),
  maxTokensPerDay: count.default(defaultAnalystCaps.maxTokensPerDay),
})

const journal = z.strictObject({
  // YAML 1.1 habits: `on` and `off` may arrive as booleans.
  recording: z
    .preprocess((value) => (value === true ? 'on' : value === false ? 'off' : value), z.enum(['on', 'off']))
    .default('on'),
  durability: z.enum(['process', 'fsync']).default('process'),
  whenFull: z.enum(['refuse', 'forward']).default('refuse'),
})

/** What is held in memory whole must stay far below what a Node process has. */
const bodies = z.strictObject({
  generationMiB: numeric(z.int().min(1).max(256)).default(32),
  passThroughMiB: numeric(z.int().min(1).max(1_048_576)).default(512),
})

export const configurationFile = z.strictObject({
  providers: z.array(provider).default([]),
  models: z.array(alias).default([]),
  retries: retries.prefault({}),
  keys: z.array(z.strictObject({ name, key: secret, team: name.default('default'), toolNamespace })).default([]),
  admins: z.array(z.strictObject({ name, token: secret })).default([]),
  claude: claude.nullish(),
  learning: learning.prefault({}),
  experiments: experiments.prefault({}),
  retention: z.strictObject({ days: numeric(z.int().min(1).max(36_600)) }).nullish(),
  journal: journal.prefault({}),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input: dollars,
        output: dollars,
        cachedInput: dollars.optional(),
        cacheWrite5m: dollars.optional(),
        cacheWrite1h: dollars.optional(),
      }),
    )
    .default({}),
  untranslatable: z.enum(['refuse', 'drop']).default('refuse'),
  bodies: bodies.prefault({}),
  cors: z.strictObject({ origins: z.array(origin).default([]) }).prefault({}),
})

export type ConfigurationFile = z.output<typeof configurationFile>
