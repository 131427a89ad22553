/** What moves work between the processes, and what they and the scheduled jobs report. */
export const systemTables = [
  `create table workflow_commands (
    id uuid primary key,
    created_at timestamptz not null default now(),
    kind text not null,
    workflow_id text not null,
    name text not null,
    argument jsonb not null,
    attempts integer not null default 0,
    last_error text,
    done_at timestamptz
  )`,
  `create index workflow_commands_waiting on workflow_commands (id) where done_at is null`,
  `create table quarantine (
    id uuid primary key,
    created_at timestamptz not null default now(),
    stage text not null,
    exchange_id uuid,
    place text not null,
    error text not null,
    payload bytea
  )`,
  `create table process_states (name text primary key, state jsonb not null, seen_at timestamptz not null default now())`,
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
