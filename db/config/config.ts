/**
 * `SINEW_CONFIG` and the stores, read once and validated whole: every problem is reported, each with its path. This
 * folder is one of the three places that read the environment (the others: gateway/config.ts, temporal.config.ts).
 */
import { resolve } from 'node:path'
import type { SinewConfig } from '../words/config.ts'
import type { Problem } from '../words/problem.ts'
import { reportDeployments } from './alias-schema.ts'
import { readStoreUrl, type Environment } from './environment.ts'
import { environmentProviders, toProvider } from './provider-config.ts'
import { defaultTimeouts } from './provider-schema.ts'
import { readFile } from './read-file.ts'

/** Reads the whole configuration. Never throws: what is wrong comes back as problems, and then nothing may start. */
export function readConfig(env: Environment): { config: SinewConfig; problems: Problem[] } {
  const problems: Problem[] = []
  const file = readFile(env, problems)
  const providers = file.providers.flatMap((entry) => toProvider(entry, env))
  const config: SinewConfig = {
    dataDir: resolve(env.SINEW_DATA_DIR || '.sinew'),
    databaseUrl: readStoreUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], problems),
    redisUrl: readStoreUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], problems),
    ...file,
    providers: [...providers, ...environmentProviders(env, providers, defaultTimeouts)],
    claude: file.claude ?? null,
    retention: file.retention ?? null,
  }
  const names = config.providers.map(({ name }) => name)
  reportDeployments(config.models, names.length > 0 ? names : ['sim'], problems)
  return { config, problems }
}
