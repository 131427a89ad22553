/** Registers Sinew's search attributes where that is permitted; without them workflows start all the same. */
import type { NativeConnection } from '@temporalio/worker'
import type { Log } from '../../db/process/log.ts'
import { searchAttributes } from '../contract.ts'
import { isAway } from './temporal-errors.ts'

/** Temporal's number for the type Keyword (`INDEXED_VALUE_TYPE_KEYWORD`). */
const keyword = 2
const requestTimeoutMs = 10_000

/** Whether the namespace knows all of them. Throws when Temporal cannot be reached. */
export async function ensureSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  log: Log,
): Promise<boolean> {
  const names = Object.values(searchAttributes)
  try {
    const missing = await findMissing(connection, namespace, names)
    if (missing.length === 0) return true
    await connection.withDeadline(Date.now() + requestTimeoutMs, () =>
      connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      }),
    )
    return (await findMissing(connection, namespace, names)).length === 0
  } catch (error) {
    if (isAway(error)) throw error
    const options = names.map((name) => `--name ${name} --type Keyword`).join(' ')
    log.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      `workflows start without search attributes; to have them, run: temporal operator search-attribute create --namespace ${namespace} ${options}`,
    )
    return false
  }
}

async function findMissing(connection: NativeConnection, namespace: string, names: string[]): Promise<string[]> {
  const { customAttributes } = await connection.withDeadline(Date.now() + requestTimeoutMs, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  )
  return names.filter((name) => customAttributes[name] !== keyword)
}
