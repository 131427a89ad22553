/** The admin API on one screen. Every procedure asks for a person, except those named in init.ts. */
import { enhancementsRouter } from './enhancements.ts'
import { exchangesRouter } from './exchanges.ts'
import { experimentsRouter } from './experiments.ts'
import { router } from './init.ts'
import { patternsRouter } from './patterns.ts'
import { reanalysisRouter } from './reanalysis.ts'
import { rulesRouter } from './rules.ts'
import { sessionRouter } from './sign-in.ts'
import { systemRouter } from './system.ts'

export const appRouter = router({
  exchanges: exchangesRouter,
  patterns: patternsRouter,
  enhancements: enhancementsRouter,
  experiments: experimentsRouter,
  reanalysis: reanalysisRouter,
  system: systemRouter,
  rules: rulesRouter,
  session: sessionRouter,
})

/** All that the admin's pages know of this program. */
export type AppRouter = typeof appRouter
