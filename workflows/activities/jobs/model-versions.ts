/** Reports providers that answer with another version of a model than before. */
import { writeFindings } from '../../../db/repositories/findings/findings.ts'
import { collectModelVersions, findModelVersions } from '../../../db/repositories/findings/watch.ts'
import { findModelChanges } from '../../domain/findings/model-versions.ts'
import { dayMs, type JobDependencies, type JobStep } from './job.ts'

/** A change that nobody put aside stays news for this long. */
const changeNewsDays = 14
/** Looks back further than one run: runs may be missed while Temporal is away. */
const versionsSinceMs = 2 * dayMs

export async function watchModels({ database, log, now }: JobDependencies): Promise<JobStep> {
  await collectModelVersions(database, now() - versionsSinceMs)
  const newsFrom = new Date(now() - changeNewsDays * dayMs).toISOString()
  const changes = findModelChanges(await findModelVersions(database)).filter(({ at }) => at >= newsFrom)
  const findings = changes.map((change) => ({
    subject: `${change.provider}/${change.model} ${change.after}`,
    patternId: null,
    enhancementId: null,
    message: `${change.provider}/${change.model} is answered by ${change.after} since ${change.at.slice(0, 16).replace('T', ' ')} UTC, before by ${change.before}`,
    detail: { ...change },
  }))
  const opened = await writeFindings(database, 'model_change', findings, { forGood: true })
  if (opened > 0)
    log.info({ opened }, 'providers answer with other versions of a model than before; the admin names them')
  return { more: false }
}
