import { Migration } from '@mikro-orm/migrations'

/**
 * Reanalysis in slices, with caps and failures that can be tried again; what the scheduled jobs find; which versions of
 * a model answered.
 */
export class Memory extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const table of [
      'findings',
      'model_versions',
      'reanalysis_patterns',
      'reanalysis_failures',
      'reanalysis_slices',
    ])
      this.addSql(`drop table if exists ${table}`)
    this.addSql('alter table responses drop column if exists answer_model')
    this.addSql(
      'alter table reanalyses drop column if exists caps, drop column if exists retries, drop column if exists worked_ms, drop column if exists proposals',
    )
  }
}

const statements = [
  `alter table reanalyses
    add column caps jsonb not null default '{}',
    add column retries integer not null default 0,
    add column worked_ms double precision not null default 0,
    add column proposals integer not null default 0`,
  // `after` is exclusive, `through` inclusive; null = without a bound.
  `create table reanalysis_slices (
    reanalysis_id uuid not null references reanalyses (id) on delete cascade,
    number integer not null,
    after uuid,
    through uuid,
    cursor uuid,
    over boolean not null default false,
    primary key (reanalysis_id, number)
  )`,
  `create table reanalysis_failures (
    reanalysis_id uuid not null references reanalyses (id) on delete cascade,
    exchange_id uuid not null,
    reason text not null,
    retry integer not null default 0,
    updated_at timestamptz not null default now(),
    primary key (reanalysis_id, exchange_id)
  )`,
  `create table reanalysis_patterns (
    reanalysis_id uuid not null references reanalyses (id) on delete cascade,
    pattern_id uuid not null,
    primary key (reanalysis_id, pattern_id)
  )`,
  `alter table responses add column answer_model text`,
  `create table model_versions (
    provider text not null,
    model text not null,
    answer_model text not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    primary key (provider, model, answer_model)
  )`,
  `create table findings (
    id uuid primary key,
    kind text not null,
    subject text not null,
    pattern_id uuid,
    enhancement_id uuid,
    message text not null,
    detail jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    resolved_at timestamptz,
    resolved_by text
  )`,
  `create unique index findings_open on findings (kind, subject) where resolved_at is null`,
  `create index findings_pattern on findings (pattern_id, id) where pattern_id is not null`,
]
