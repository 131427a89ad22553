/** Every page's data, in one table: how it is asked for, and which nudges make it old. */
import type { Topic } from '../../gateway/control/nudges.ts'
import { api, type Inputs } from './client.ts'

export interface Query<Source, Data> {
  fetch: (source: Source, signal: AbortSignal) => Promise<Data>
  /** What makes the answer old, as the server names it. */
  topics: readonly Topic[]
}

function define<Source, Data>(
  topics: readonly Topic[],
  fetch: (source: Source, signal: AbortSignal) => Promise<Data>,
): Query<Source, Data> {
  return { fetch, topics }
}

const maxRelated = 20
const maxListed = 200

export const queries = {
  exchanges: define(['patterns'], (input: NonNullable<Inputs['exchanges']['list']>, signal) =>
    api.exchanges.list.query(input, { signal }),
  ),
  exchangeNames: define([], (_: null, signal) => api.exchanges.names.query(undefined, { signal })),
  exchange: define(['patterns', 'enhancements'], (id: string, signal) => api.exchanges.get.query({ id }, { signal })),
  patterns: define(['patterns', 'enhancements'], (input: NonNullable<Inputs['patterns']['list']>, signal) =>
    api.patterns.list.query(input, { signal }),
  ),
  pattern: define(['patterns'], (id: string, signal) => api.patterns.get.query({ id }, { signal })),
  patternEnhancements: define(['enhancements', 'experiments'], (patternId: string, signal) =>
    api.enhancements.list.query({ patternId, limit: maxRelated }, { signal }),
  ),
  enhancements: define(['enhancements'], (input: NonNullable<Inputs['enhancements']['list']>, signal) =>
    api.enhancements.list.query(input, { signal }),
  ),
  enhancement: define(['enhancements', 'experiments'], (id: string, signal) =>
    api.enhancements.get.query({ id }, { signal }),
  ),
  waiting: define(['enhancements'], (_: null, signal) => api.enhancements.count.query(undefined, { signal })),
  experiments: define(['experiments'], (cursor: string | null, signal) =>
    api.experiments.list.query({ cursor }, { signal }),
  ),
  experiment: define(['experiments'], (id: string, signal) => api.experiments.get.query({ id }, { signal })),
  rules: define([], (_: null, signal) => api.rules.list.query({ limit: maxListed }, { signal })),
  removedRules: define([], (_: null, signal) => api.rules.removed.query(undefined, { signal })),
  rule: define([], (id: string, signal) => api.rules.get.query({ id }, { signal })),
  reanalyses: define(['reanalyses'], (_: null, signal) => api.reanalysis.list.query({ limit: maxRelated }, { signal })),
  reanalysisFailures: define(['reanalyses'], (id: string, signal) =>
    api.reanalysis.failures.query({ id, limit: 50 }, { signal }),
  ),
  findings: define(['findings'], (patternId: string, signal) =>
    api.system.findings.query({ limit: 50, ...(patternId === '' ? {} : { patternId }) }, { signal }),
  ),
  learning: define([], (_: null, signal) => api.system.learning.query(undefined, { signal })),
  status: define(['analyst'], (_: null, signal) => api.system.status.query(undefined, { signal })),
}
