/** What the procedures work with, built once at start. */
import type { MikroORM } from '@mikro-orm/postgresql'
import type { Kv } from '../../db/process/key-value.ts'
import type { Log } from '../../db/process/log.ts'
import {
  createEnhancementRepository,
  type EnhancementRepository,
} from '../../db/repositories/enhancements/enhancements.ts'
import { createFindingRepository, type FindingRepository } from '../../db/repositories/findings/finding-list.ts'
import { createExchangeRepository, type ExchangeRepository } from '../../db/repositories/exchanges/exchanges.ts'
import {
  createExperimentRepository,
  type ExperimentRepository,
} from '../../db/repositories/experiments/experiments-admin.ts'
import {
  createPatternDetailRepository,
  type PatternDetailRepository,
} from '../../db/repositories/patterns/pattern-details.ts'
import {
  createVerdictAgreementRepository,
  type VerdictAgreementRepository,
} from '../../db/repositories/patterns/verdict-agreement.ts'
import { createPatternRepository, type PatternRepository } from '../../db/repositories/patterns/patterns.ts'
import { createProposalRepository, type ProposalRepository } from '../../db/repositories/enhancements/proposals.ts'
import {
  createReanalysisRepository,
  type ReanalysisRepository,
} from '../../db/repositories/reanalysis/reanalysis-repository.ts'
import { createRuleSampleRepository, type RuleSampleRepository } from '../../db/repositories/rules/rule-samples.ts'
import { createRuleRepository, type RuleRepository } from '../../db/repositories/rules/rules.ts'
import { createSettingRepository, type SettingRepository } from '../../db/repositories/analyst/settings.ts'
import { createSystemRepository, type SystemRepository } from '../../db/repositories/system/system.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import type { TemporalConfig } from '../../temporal.config.ts'
import type { GatewayConfig } from '../config.ts'
import { openChanges, type Changes } from './changes.ts'
import { createDatabase, type Database } from './database.ts'
import { createPeople, type People } from './people.ts'
import { createSignInLimit, type SignInLimit } from './sign-in-limit.ts'

export interface Services {
  config: SinewConfig
  gateway: GatewayConfig
  temporal: TemporalConfig
  cookieName: string
  people: People
  kv: Kv
  signInLimit: SignInLimit
  database: Database
  changes: Changes
  exchanges: ExchangeRepository
  patterns: PatternRepository
  patternDetails: PatternDetailRepository
  verdictAgreement: VerdictAgreementRepository
  enhancements: EnhancementRepository
  experiments: ExperimentRepository
  proposals: ProposalRepository
  reanalyses: ReanalysisRepository
  findings: FindingRepository
  rules: RuleRepository
  ruleSamples: RuleSampleRepository
  settings: SettingRepository
  system: SystemRepository
  log: Log
  /** Aborted when the process stops: every stream ends then. */
  stopping: AbortSignal
  close(): Promise<void>
}

export interface ServiceOptions {
  config: SinewConfig
  gateway: GatewayConfig
  temporal: TemporalConfig
  databaseUrl: string
  cookieName: string
  admins: SinewConfig['admins']
  orm: MikroORM
  kv: Kv
  log: Log
  stopping: AbortSignal
}

/** Connects to nothing yet by itself but the channel for changes, which comes back whenever PostgreSQL does. */
export function openServices(options: ServiceOptions): Services {
  const { config, gateway, temporal, databaseUrl, cookieName, admins, orm, kv, log, stopping } = options
  const changes = openChanges(databaseUrl)
  const signInLimit = createSignInLimit(kv)
  return {
    config,
    gateway,
    temporal,
    cookieName,
    kv,
    log,
    stopping,
    changes,
    signInLimit,
    people: createPeople(admins),
    database: createDatabase(orm),
    exchanges: createExchangeRepository(orm),
    patterns: createPatternRepository(orm),
    patternDetails: createPatternDetailRepository(orm),
    verdictAgreement: createVerdictAgreementRepository(orm),
    enhancements: createEnhancementRepository(orm),
    experiments: createExperimentRepository(orm),
    proposals: createProposalRepository(orm),
    reanalyses: createReanalysisRepository(orm),
    findings: createFindingRepository(orm),
    rules: createRuleRepository(orm),
    ruleSamples: createRuleSampleRepository(orm),
    settings: createSettingRepository(orm),
    system: createSystemRepository(orm),
    async close() {
      await Promise.all([changes.close(), signInLimit.close(), kv.close(), orm.close(true)])
    },
  }
}
