/** Reanalyses in slices, with failures that can be tried again. */
export const reanalysisTables = [
  `create table reanalyses (
    id uuid primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    started_by text not null,
    filter jsonb not null,
    state text not null,
    total bigint,
    done bigint not null default 0,
    failed bigint not null default 0,
    failure text,
    caps jsonb not null default '{}',
    retries integer not null default 0,
    worked_ms double precision not null default 0,
    proposals integer not null default 0
  )`,
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
]
