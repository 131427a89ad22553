/** Everything gateways read of the learned, in one answer. Plain SQL on `pg`: the gateway's process does without an ORM. */
import type { ClientBase, Pool } from 'pg'
import type { SnapshotContent } from '../types.ts'
import { readServedEnhancements } from './served-enhancements.ts'
import { readServedExperiments } from './served-experiments.ts'

/** `version` is equal exactly when the content is. */
export async function readSnapshotContent(connection: Pick<ClientBase | Pool, 'query'>): Promise<{ version: string; content: SnapshotContent }> {
  const { version, enhancements } = await readServedEnhancements(connection)
  const { version: ofExperiments, experiments } = await readServedExperiments(connection)
  return { version: `${version}|${ofExperiments}`, content: { enhancements, experiments } }
}
