/** `learning` and `experiments` of the configuration file. */
import { z } from 'zod'
import { chance, count, duration, flag, hours, numeric, share, units } from './values.ts'

const hour = 3_600_000
const day = 24 * hour

export const experiments = z.strictObject({
  ramp: z
    .array(numeric(z.number().gt(0).max(1)))
    .min(1)
    .max(20)
    .refine(
      (shares) => shares.every((one, index) => index === 0 || one > (shares[index - 1] as number)),
      'must grow from step to step',
    )
    .default([0.01, 0.05, 0.25, 0.5]),
  stepMs: duration.default(hour),
  stepUnits: units.default(30),
  windowMs: duration.default(day),
  minimumRunMs: duration.default(day),
  maximumRunMs: duration.default(14 * day),
  expectedUnits: units.default(2_000),
  // With fewer than 50 of each arm the interval guarantees nothing.
  minimumPairs: numeric(z.int().min(50)).default(50),
  maximumPairs: units.default(5_000),
  alpha: chance.default(0.05),
  guardrailAlpha: chance.default(0.01),
  costIncrease: numeric(z.number().min(0).max(10)).default(0.25),
  fleetLevel: chance.default(0.05),
  fleetPeriodMs: duration.default(90 * day),
  holdback: share.default(0.05),
  holdbackMs: duration.default(14 * day),
  evaluateEveryMs: numeric(z.int().min(100).max(120_000)).default(10_000),
})

const enhance = z.strictObject({
  minExchanges: numeric(z.int().min(1)).default(20),
  maxSuccessRate: share.default(0.7),
  approvals: numeric(z.int().min(1).max(2)).default(1),
  remindAfterHours: hours.default(72),
  expireAfterHours: hours.default(720),
  maxAddedTokens: count.default(1_000),
})

const judge = z.strictObject({
  maxCallsPerDay: count.default(0),
  maxTokensPerDay: count.default(100_000),
  share: share.default(0.05),
})

const watch = z.strictObject({
  recentHours: numeric(
    z
      .number()
      .positive()
      .max(24 * 31),
  ).default(24),
  baselineDays: numeric(z.number().positive().max(366)).default(14),
  staleAfterDays: numeric(z.number().positive().max(3_660)).default(14),
})

const replay = z.strictObject({
  maxCalls: numeric(z.int().min(0).max(100)).default(0),
  maxCallsPerDay: count.default(200),
})

export const learning = z.strictObject({
  patterns: z.strictObject({ shared: flag.default(false) }).prefault({}),
  enhance: enhance.prefault({}),
  judge: judge.prefault({}),
  watch: watch.prefault({}),
  replay: replay.prefault({}),
})
