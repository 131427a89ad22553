/** The configuration that the product runs the world with. */
import type { ExperimentsConfig } from '../../../db/words/experiment.ts'
import { prices, weakness } from './settings.ts'
import { models } from './truth.ts'

export const reviewerToken = 'world-reviewer-0123456789abcdef0123456789'

/** JSON is YAML. */
export function toConfig(
  servers: { openaiUrl: string; anthropicUrl: string; analystUrl: string },
  experiments: ExperimentsConfig,
): string {
  return Object.entries({
    providers: [
      { name: 'large', dialect: 'openai', baseUrl: servers.openaiUrl, apiKey: 'none', models: [models[0]] },
      { name: 'small', dialect: 'anthropic', baseUrl: servers.anthropicUrl, apiKey: 'none', models: [models[1]] },
    ],
    admins: [{ name: 'reviewer', token: reviewerToken }],
    claude: {
      baseUrl: servers.analystUrl,
      apiKey: 'none',
      model: 'analyst',
      maxCallsPerDay: 10_000,
      maxTokensPerDay: 1_000_000_000,
    },
    learning: { enhance: weakness },
    experiments,
    prices,
  })
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join('\n')
}
