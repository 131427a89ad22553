import { Migration } from '@mikro-orm/migrations'

/**
 * How well an exchange did and why, what callers say of it, and an enhancement's life between its proposal and its end.
 */
export class Outcomes extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const statement of reversed) this.addSql(statement)
  }
}

const statements = [
  `alter table requests add column outcome_score double precision, add column outcome_reasons jsonb not null default '[]', add column asked_again_by uuid`,
  // What callers say; of an exchange that is not there yet it waits here. One caller's id is one feedback, however
  // often it is sent.
  `create table feedback (
    team text not null,
    id text not null,
    exchange_id uuid not null,
    key_name text not null,
    metric text not null,
    value jsonb not null,
    comment text,
    given_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    applied_at timestamptz,
    primary key (team, id)
  )`,
  `create index feedback_exchange on feedback (exchange_id)`,
  `create index feedback_waiting on feedback (recorded_at) where applied_at is null`,
  `create table judgements (
    exchange_id uuid primary key,
    created_at timestamptz not null default now(),
    score double precision not null,
    reason text not null,
    model text not null
  )`,
  `alter table enhancements
    add column kind text,
    add column expected_gain double precision,
    add column added_tokens integer,
    add column checks jsonb not null default '[]',
    add column replay jsonb,
    add column approvals jsonb not null default '[]',
    add column requested_by text,
    add column edited_by text,
    add column proposed_at timestamptz,
    add column snoozed_until timestamptz,
    add column reminded_at timestamptz`,
  // People may ask again, and write their own; by itself Sinew asks once for a version of a template.
  `alter table enhancements drop constraint enhancements_pattern_id_pattern_version_key`,
  `create unique index enhancements_automatic on enhancements (pattern_id, pattern_version) where requested_by is null`,
  `create index enhancements_pattern on enhancements (pattern_id)`,
  `alter table analyst_calls add column purpose text not null default 'proposal'`,
]

const reversed = [
  `alter table analyst_calls drop column purpose`,
  `drop index enhancements_pattern`,
  `drop index enhancements_automatic`,
  `alter table enhancements add constraint enhancements_pattern_id_pattern_version_key unique (pattern_id, pattern_version)`,
  `alter table enhancements drop column kind, drop column expected_gain, drop column added_tokens, drop column checks, drop column replay, drop column approvals,
    drop column requested_by, drop column edited_by, drop column proposed_at, drop column snoozed_until, drop column reminded_at`,
  `drop table judgements`,
  `drop table feedback`,
  `alter table requests drop column outcome_score, drop column outcome_reasons, drop column asked_again_by`,
]
