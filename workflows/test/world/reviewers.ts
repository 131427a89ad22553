/**
 * The world's reviewers: two people who put every proposal to the test, and promote what has won. They work over the
 * admin API alone.
 */
import { setTimeout as pause } from 'node:timers/promises'

export type Ask = <T = any>(procedure: string, input: unknown, how?: 'query' | 'mutate') => Promise<T>

export interface Reviewers {
  readonly approved: number
  readonly promoted: number
  /** What people were told when they could not do what they wanted; the newest last. */
  readonly refusals: string[]
  stop(): Promise<void>
}

const everyMs = 500
const pageMost = 200
const refusalsKept = 20

export function startReviewers(
  ask: Ask,
  onDecision: (what: 'approved' | 'promoted', at: number) => void = () => {},
): Reviewers {
  let approved = 0
  let promoted = 0
  const refusals: string[] = []
  let stopping = false

  async function attempt(what: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      refusals.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
      if (refusals.length > refusalsKept) refusals.shift()
      return false
    }
  }

  async function review(): Promise<void> {
    const proposals = (await ask('enhancements.list', { state: 'proposed', limit: pageMost })).items as {
      id: string
      version: number
      checks: { risk?: { id: string } }[]
    }[]
    for (const { id, version, checks } of proposals) {
      // They accept whatever is named: what is tested here is whether the experiment finds out.
      const acceptedRisks = checks.flatMap(({ risk }) => (risk ? [risk.id] : []))
      const approval = { id, version, mode: 'experiment', acceptedRisks }
      if (!(await attempt('approve', () => ask('enhancements.approve', approval, 'mutate')))) continue
      approved++
      onDecision('approved', Date.now())
    }
    const won = (await ask('experiments.list', { state: 'won', limit: pageMost })).items as { id: string }[]
    for (const { id } of won) {
      if (!(await attempt('promote', () => ask('experiments.promote', { id, reason: 'it won' }, 'mutate')))) continue
      promoted++
      onDecision('promoted', Date.now())
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      await attempt('review', review)
      await pause(everyMs)
    }
  }
  const running = run()
  return {
    get approved() {
      return approved
    },
    get promoted() {
      return promoted
    },
    refusals,
    stop: async () => {
      stopping = true
      await running
    },
  }
}
