import { Migration } from '@mikro-orm/migrations'

/** Experiments, who was exposed to them, what came of it, and every step of theirs with its numbers. */
export class Experiments extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const table of [
      'experiment_looks',
      'experiment_events',
      'experiment_exchanges',
      'experiment_exposures',
      'experiments',
    ])
      this.addSql(`drop table if exists ${table}`)
  }
}

const statements = [
  `create table experiments (
    id uuid primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    created_by text not null,
    hypothesis text,
    team text not null,
    pattern_id uuid not null references prompt_patterns (id),
    enhancement_id uuid not null references enhancements (id),
    version integer not null default 1,
    salt text not null,
    state text not null,
    step integer not null default 0,
    metric text not null,
    settings jsonb not null,
    model text,
    baseline jsonb,
    started_at timestamptz,
    step_started_at timestamptz,
    step_from jsonb not null default '{"control": 0, "treatment": 0}',
    promoted_at timestamptz,
    promoted_by text,
    ended_at timestamptz,
    evaluated_at timestamptz,
    evaluation jsonb,
    log_e double precision,
    guardrails jsonb,
    holdback jsonb
  )`,
  // One at a time for each pattern; a hold-back counts until it is over.
  `create unique index experiments_active on experiments (pattern_id) where started_at is not null and ended_at is null`,
  `create index experiments_fleet on experiments (started_at)`,
  `create index experiments_enhancement on experiments (enhancement_id)`,
  // The first exposure of each unit, and what the unit has come to. No reference to experiments: what the journal holds
  // is taken as it comes.
  `create table experiment_exposures (
    experiment_id uuid not null,
    version integer not null,
    unit text not null,
    arm text not null,
    exchange_id uuid not null,
    exposed_at timestamptz not null,
    model text,
    mixed boolean not null default false,
    events jsonb,
    scored boolean not null default false,
    value double precision,
    cost_usd double precision,
    resolved_at timestamptz,
    primary key (experiment_id, version, unit)
  )`,
  `create index experiment_exposures_open on experiment_exposures (experiment_id, version, exposed_at) where resolved_at is null or not scored`,
  `create table experiment_exchanges (
    experiment_id uuid not null,
    version integer not null,
    exchange_id uuid not null,
    unit text not null,
    at timestamptz not null,
    primary key (experiment_id, version, unit, exchange_id)
  )`,
  `create table experiment_events (
    id uuid primary key,
    created_at timestamptz not null,
    experiment_id uuid not null references experiments (id),
    version integer not null,
    from_state text,
    to_state text not null,
    step integer not null,
    person text,
    cause text not null,
    numbers jsonb not null
  )`,
  `create index experiment_events_experiment on experiment_events (experiment_id, id)`,
  `create table experiment_looks (
    experiment_id uuid not null references experiments (id),
    version integer not null,
    pairs integer not null,
    at timestamptz not null,
    difference double precision not null,
    half_width double precision not null,
    control integer not null,
    treatment integer not null,
    primary key (experiment_id, version, pairs)
  )`,
]
