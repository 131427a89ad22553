import { Migration } from '@mikro-orm/migrations'

/**
 * Learned patterns: the learner's state and its queue, where patterns come from and went, what people said of them, and
 * their days.
 */
export class Patterns extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const statement of reversed) this.addSql(statement)
  }
}

/** Exchanges from before there was a queue that a team's learner looks at, the newest ones. */
const backlogMax = 8192

const statements = [
  // `opening`: how a prompt begins; `learned`: a template that was mined, `templates` being its forms as the matcher
  // takes them. A merged pattern points to the one that stands for it, never further: a chain is shortened when it
  // comes about.
  `alter table prompt_patterns
    add column source text not null default 'opening',
    add column state text not null default 'active',
    add column templates jsonb,
    add column merged_into uuid references prompt_patterns (id),
    add column merged_by text,
    add column muted boolean not null default false,
    add column titled_by text,
    add column kind text,
    add column kind_reason text,
    add column asked_frequency bigint`,
  `update prompt_patterns set asked_frequency = frequency where id in (select pattern_id from enhancements)`,
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
  // In the order of ingestion; `sequence` is the place in the order in which the team's learner took it.
  `create table pattern_queue (
    position bigint generated always as identity primary key,
    team text not null,
    exchange_id uuid not null,
    sequence bigint,
    skipped boolean not null default false
  )`,
  `create index pattern_queue_waiting on pattern_queue (team, position) where sequence is null`,
  `create unique index pattern_queue_taken on pattern_queue (team, sequence) where sequence is not null`,
  `insert into pattern_queue (team, exchange_id)
    select team, id from (select team, id, row_number() over (partition by team order by id desc) as place from requests where finished_at is not null) r
    where place <= ${backlogMax} order by id`,
  // One row a team: who learns it at present, how far it has got, and what it remembers.
  `create table pattern_learners (
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
  // What people said, for the learner to act on and for everybody to read later.
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

const reversed = [
  `drop table pattern_decisions`,
  `drop table pattern_reviews`,
  `drop table pattern_learners`,
  `drop table pattern_queue`,
  `drop table pattern_lineage`,
  `drop table pattern_days`,
  `alter table prompt_patterns drop column source, drop column state, drop column templates, drop column merged_into, drop column merged_by, drop column muted,
    drop column titled_by, drop column kind, drop column kind_reason, drop column asked_frequency`,
]
