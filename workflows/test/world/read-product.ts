/** What the world reads of the product while it runs: its admin API and its database. */
import type { Client } from 'pg'
import { findPattern } from './proposals.ts'
import { type Ask } from './reviewers.ts'
import { type World, type WorldPattern } from './truth.ts'
import { reviewerToken } from './product-settings.ts'

export interface Experiment {
  number: number | null
  state: string
  verdict: string
  pairs: number
}

export async function readExperiments(ask: Ask, world: World): Promise<Experiment[]> {
  const { items } = await ask('experiments.list', { limit: 200 })
  const numbers = await readPatternNumbers(ask, world)
  return (items as any[]).map((item) => ({
    number: numbers.get(item.enhancementId) ?? null,
    state: item.state,
    verdict: toSentence(item.verdict),
    pairs: item.pairs ?? 0,
  }))
}

function toSentence(verdict: unknown): string {
  return typeof verdict === 'string'
    ? verdict
    : String(
        (verdict as { sentence?: string; text?: string } | null)?.sentence ??
          (verdict as { text?: string } | null)?.text ??
          '',
      )
}

/** Which of the world's applications an enhancement was written for: its changed text tells it. */
async function readPatternNumbers(ask: Ask, world: World): Promise<Map<string, number>> {
  const { items } = await ask('enhancements.list', { limit: 200 })
  return new Map(
    (items as any[]).flatMap((item): [string, number][] => {
      const pattern =
        findPattern(
          world,
          [
            item.original?.system,
            item.original?.template,
            item.enhanced?.system,
            item.enhanced?.template,
            item.patternTitle,
          ]
            .filter(Boolean)
            .join('\n'),
        ) ?? findByStart(world, String(item.original?.template ?? ''))
      return pattern === null ? [] : [[item.id, pattern.number]]
    }),
  )
}

/** A template of an opening has the first words alone. */
function findByStart({ patterns }: World, template: string): WorldPattern | null {
  const start = template.split('{{')[0]?.trim() ?? ''
  return start === '' ? null : (patterns.find(({ task }) => task.opening.startsWith(start)) ?? null)
}

/** Recorded exchanges that are still to be learned, and what is not even recorded: callers wait while it is much. */
export async function readBacklog(client: Client, calls: number): Promise<number> {
  const { rows } = await client.query<{ learned: number }>(
    'select count(*)::int as learned from requests where learned_at is not null',
  )
  return calls - (rows[0]?.learned ?? 0)
}

/** Exchanges of units that a promoted enhancement is kept from. */
export async function readHeldBack(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(`
    select x.exchange_id as id from experiments e
    join experiment_exchanges x on x.experiment_id = e.id and x.version = e.version
    join experiment_exposures u on u.experiment_id = x.experiment_id and u.version = x.version and u.unit = x.unit
    where e.promoted_at is not null and u.arm = 'control'`)
  return new Set(rows.map(({ id }) => id))
}

export function createAsk(adminUrl: string): Ask {
  return async (procedure, input, how = 'query') => {
    const search = how === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
    const response = await fetch(`${adminUrl}/trpc/${procedure}${search}`, {
      headers: { authorization: `Bearer ${reviewerToken}`, 'content-type': 'application/json' },
      ...(how === 'mutate' ? { method: 'POST', body: JSON.stringify(input) } : {}),
    })
    const answer = (await response.json()) as { result?: { data: any }; error?: { message: string } }
    if (answer.error) throw new Error(answer.error.message)
    return answer.result?.data
  }
}
