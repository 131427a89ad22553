/**
 * Everything gateways read of the learned, in one answer. Plain SQL on `pg`: the gateway's process does without an ORM.
 */
import type { ClientBase, Pool } from 'pg'
import type { SnapshotContent } from '../../words/snapshot.ts'
import { readServedEnhancements } from '../enhancements/served-enhancements.ts'
import { readServedExperiments } from '../experiments/served-experiments.ts'
import { readServedRules } from '../rules/served-rules.ts'

/** `version` is equal exactly when the content is. */
export async function readSnapshotContent(
  connection: Pick<ClientBase | Pool, 'query'>,
): Promise<{ version: string; content: SnapshotContent }> {
  const { version, enhancements } = await readServedEnhancements(connection)
  const { version: ofExperiments, experiments } = await readServedExperiments(connection)
  const { version: ofRules, rules } = await readServedRules(connection)
  return { version: `${version}|${ofExperiments}|${ofRules}`, content: { enhancements, experiments, rules } }
}
