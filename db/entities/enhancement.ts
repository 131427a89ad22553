import { defineEntity, p } from '@mikro-orm/core'
import type {
  Approval,
  EnhancementState,
  PromptTemplate,
  ProposalCheck,
  ProposalKind,
  ReplayResult,
} from '../words/enhancement.ts'

/** A proposed change to a pattern's prompt, and what people decided of it. At most one a template version. */
export const Enhancement = defineEntity({
  name: 'Enhancement',
  tableName: 'enhancements',
  properties: {
    id: p.uuid().primary(),
    patternId: p.uuid(),
    patternVersion: p.integer(),
    /** Counts up with every change; a decision names the version it saw. */
    version: p.integer().default(1),
    enhancementType: p.text(),
    state: p.text().$type<EnhancementState>(),
    mode: p.text().nullable(),
    originalPrompt: p.json().$type<PromptTemplate>(),
    enhancedPrompt: p.json().$type<PromptTemplate>().nullable(),
    reason: p.text().nullable(),
    risks: p.json().$type<string[]>().defaultRaw(`'[]'`),
    source: p.text(),
    /** Why there is no proposal, or why it was withdrawn, in words for people. */
    failure: p.text().nullable(),
    decidedBy: p.text().nullable(),
    decidedAt: p.datetime().nullable(),
    decisionReason: p.text().nullable(),
    /** Who took it back after its approval; null = Sinew by itself, as when a guardrail is crossed. */
    withdrawnBy: p.text().nullable(),
    withdrawnAt: p.datetime().nullable(),
    applied: p.bigint('number').default(0),
    appliedSuccesses: p.bigint('number').default(0),
    appliedFailures: p.bigint('number').default(0),
    /** Success rate of the exchanges it was applied to, computed by PostgreSQL; null until one has a verdict. */
    effectiveness: p
      .double()
      .nullable()
      .generated(
        '(case when applied_successes + applied_failures > 0 then applied_successes::double precision / (applied_successes + applied_failures) end) stored',
      ),
    kind: p.text().$type<ProposalKind>().nullable(),
    expectedGain: p.double().nullable(),
    addedTokens: p.integer().nullable(),
    checks: p.json().$type<ProposalCheck[]>().defaultRaw(`'[]'`),
    replay: p.json().$type<ReplayResult>().nullable(),
    approvals: p.json().$type<Approval[]>().defaultRaw(`'[]'`),
    /** Who asked for it or wrote it; null = Sinew by itself. */
    requestedBy: p.text().nullable(),
    editedBy: p.text().nullable(),
    proposedAt: p.datetime().nullable(),
    snoozedUntil: p.datetime().nullable(),
    snoozedBy: p.text().nullable(),
    remindedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
