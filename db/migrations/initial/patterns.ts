/** Learned patterns: where they come from and went, what they count, and their miners' state and queue. */
export const patternsTables = [
  // A merged pattern points to the one that stands for it, never further: a chain is shortened when it comes about.
  `create table prompt_patterns (
    id uuid primary key,
    team text not null,
    pattern_hash text,
    miner_name text,
    pattern_type text not null,
    title text not null,
    pattern_data jsonb not null,
    template_version integer not null default 1,
    frequency bigint not null default 0,
    successes bigint not null default 0,
    failures bigint not null default 0,
    success_rate double precision generated always as
      (case when successes + failures > 0 then successes::double precision / (successes + failures) end) stored,
    suggestions jsonb not null default '[]',
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    source text not null default 'opening',
    state text not null default 'active',
    templates jsonb,
    merged_into uuid references prompt_patterns (id),
    merged_by text,
    muted boolean not null default false,
    titled_by text,
    kind text,
    kind_reason text,
    asked_frequency bigint,
    unique (team, pattern_hash),
    unique (team, miner_name),
    check (num_nonnulls(pattern_hash, miner_name) = 1)
  )`,
  `create index prompt_patterns_merged on prompt_patterns (merged_into) where merged_into is not null`,
  `create index prompt_patterns_team on prompt_patterns (team, frequency desc)`,
  `create table pattern_days (
    pattern_id uuid not null references prompt_patterns (id),
    day date not null,
    key_name text not null,
    model text not null,
    exchanges bigint not null,
    successes bigint not null,
    failures bigint not null,
    cost_usd double precision not null,
    priced bigint not null,
    primary key (pattern_id, day, key_name, model)
  )`,
  `create table pattern_lineage (
    id uuid primary key,
    at timestamptz not null default now(),
    pattern_id uuid not null,
    kind text not null,
    other_id uuid,
    reason text not null,
    person text
  )`,
  `create index pattern_lineage_pattern on pattern_lineage (pattern_id, id)`,
  `create index pattern_lineage_other on pattern_lineage (other_id, id) where other_id is not null`,
  // In the order of ingestion; `sequence` is the place in the order in which the team's miner took it.
  `create table pattern_queue (
    position bigint generated always as identity primary key,
    team text not null,
    exchange_id uuid not null,
    sequence bigint,
    skipped boolean not null default false
  )`,
  `create index pattern_queue_waiting on pattern_queue (team, position) where sequence is null`,
  `create unique index pattern_queue_taken on pattern_queue (team, sequence) where sequence is not null`,
  // One row a team: whose miner it is at present, how far it has got, and what it remembers.
  `create table pattern_miners (
    team text primary key,
    owner uuid,
    owned_until timestamptz not null default now(),
    sequence bigint not null default 0,
    snapshot bytea,
    snapshot_sequence bigint not null default 0,
    pattern_set bytea,
    set_version bigint not null default 0,
    updated_at timestamptz not null default now()
  )`,
  // Stored exchanges of these patterns are looked at again, newest first, down from the cursor.
  `create table pattern_reviews (
    pattern_id uuid primary key references prompt_patterns (id),
    team text not null,
    cursor uuid,
    targets uuid[] not null default '{}',
    requested_at timestamptz not null default now()
  )`,
  `create index pattern_reviews_team on pattern_reviews (team, requested_at)`,
  // What people said, for the miner to act on and for everybody to read later.
  `create table pattern_decisions (
    id uuid primary key,
    created_at timestamptz not null default now(),
    team text not null,
    pattern_id uuid not null,
    kind text not null,
    argument jsonb not null,
    person text not null,
    reason text,
    applied_at timestamptz,
    refused text
  )`,
  `create index pattern_decisions_waiting on pattern_decisions (team, id) where applied_at is null`,
  `create index pattern_decisions_pattern on pattern_decisions (pattern_id, id)`,
]
