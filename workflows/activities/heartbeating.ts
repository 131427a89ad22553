/**
 * Activities that tell Temporal that they live: after the death of their worker they are tried again soon, not at their
 * time limit.
 */
import { Context } from '@temporalio/activity'

const everyMs = 4_000

type Activity = (...args: any[]) => Promise<unknown>

/** The same activities; their definitions give them a `heartbeatTimeout` of several beats. */
export function withHeartbeats<Activities extends Record<string, Activity>>(activities: Activities): Activities {
  const beating = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: unknown[]): Promise<unknown> => {
      const context = Context.current()
      const timer = setInterval(() => context.heartbeat(), everyMs)
      try {
        return await activity(...args)
      } finally {
        clearInterval(timer)
      }
    },
  ])
  return Object.fromEntries(beating) as Activities
}
