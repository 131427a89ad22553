/** `models` and `retries` of the configuration file: names of the operator's own, and what happens when one deployment fails. */
import { z } from 'zod'
import type { AliasConfig } from '../words/alias.ts'
import type { Problem } from '../words/problem.ts'
import { numeric, share } from './values.ts'

const providerModel = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}\/\S{1,200}$/, 'must be provider/model, such as openai/gpt-4o')
const weight = numeric(z.number().positive().max(1_000_000))

/** A deployment may be written as its name alone. */
const deployment = z.preprocess(
  (value) => (typeof value === 'string' ? { model: value } : value),
  z.strictObject({ model: providerModel, weight: weight.default(1) }),
)

export const alias = z.strictObject({
  name: z.string().regex(/^[^\s/*]{1,200}$/, 'must be 1 to 200 characters without spaces, / or *'),
  deployments: z.array(deployment).min(1, 'needs at least one deployment').max(32),
  balance: z.enum(['priority', 'weighted', 'latency']).default('priority'),
})

export const retries = z.strictObject({
  maxAttempts: numeric(z.int().min(1).max(10)).default(3),
  maxShare: share.default(0.2),
})

/** A deployment leads to a provider, never to another name of `models`: so no name can lead back to itself. */
export function reportDeployments(
  aliases: readonly AliasConfig[],
  providers: readonly string[],
  problems: Problem[],
): void {
  for (const [index, { deployments }] of aliases.entries()) {
    const seen = new Set<string>()
    for (const [place, { model }] of deployments.entries()) {
      const path = `models[${index}].deployments[${place}]`
      const provider = model.slice(0, model.indexOf('/'))
      if (!providers.includes(provider))
        problems.push({ path, message: `names the provider ${provider}, which is not configured` })
      if (seen.has(model)) problems.push({ path, message: `is there twice: ${model}` })
      seen.add(model)
    }
  }
}
