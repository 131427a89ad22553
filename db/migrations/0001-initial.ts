import { Migration } from '@mikro-orm/migrations'

/**
 * The owner's nine tables and what moves work between the processes. The tables that grow with traffic are partitioned
 * by range of their UUIDv7 ids; the default partition takes what arrives before its day's partition was made.
 */
export class Initial extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const table of tables) this.addSql(`drop table if exists ${table} cascade`)
  }
}

const tables = [
  'sessions',
  'requests',
  'responses',
  'prompt_patterns',
  'enhancements',
  'anomalies',
  'security_policies',
  'transformations',
  'analytics_events',
  'workflow_commands',
  'quarantine',
  'process_states',
  'reanalyses',
  'analyst_calls',
]

const statements = [
  `create table sessions (
    id uuid primary key,
    team text not null,
    session_key text not null,
    metadata jsonb not null default '{}',
    first_seen timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    unique (team, session_key)
  )`,
  `create table requests (
    id uuid primary key,
    created_at timestamptz not null,
    session_id uuid,
    team text not null,
    key_name text not null,
    end_user text,
    dialect text not null,
    endpoint text not null,
    requested_model text,
    provider text,
    model text,
    stream boolean not null,
    messages jsonb,
    tools jsonb,
    parameters jsonb,
    target text,
    headers jsonb not null default '[]',
    namespace_prefix text,
    original_body bytea,
    sent_body bytea,
    request_bytes bigint not null,
    request_digest text,
    sent_digest text,
    enhancement_id uuid,
    status text not null default 'unknown',
    http_status integer,
    error_code text,
    timings jsonb,
    finished_at timestamptz,
    pattern_id uuid,
    verdict text,
    verdict_reason text,
    learned_at timestamptz,
    journal_id uuid,
    writer_id uuid,
    recorded_in xid8,
    workflow_started_at timestamptz,
    workflow_attempts integer not null default 0
  ) partition by range (id)`,
  `create table requests_default partition of requests default`,
  `create index requests_recorded on requests (recorded_in, id) where recorded_in is not null`,
  `create index requests_waiting on requests (id) where workflow_started_at is null and finished_at is not null`,
  `create index requests_learning on requests (id) where workflow_started_at is not null and learned_at is null`,
  `create index requests_unfinished on requests (journal_id) where finished_at is null`,
  `create index requests_pattern on requests (pattern_id, id)`,
  `create index requests_session on requests (session_id, id)`,
  `create table responses (
    id uuid primary key,
    created_at timestamptz not null,
    status_code integer,
    streaming boolean not null,
    headers jsonb not null default '[]',
    content text,
    tool_calls jsonb,
    stop_reason text,
    refusal boolean not null default false,
    usage jsonb,
    input_tokens integer,
    output_tokens integer,
    cost_usd double precision,
    body bytea,
    body_bytes bigint not null,
    body_digest text
  ) partition by range (id)`,
  `create table responses_default partition of responses default`,
  `create table prompt_patterns (
    id uuid primary key,
    team text not null,
    pattern_hash text not null,
    pattern_type text not null,
    title text not null,
    pattern_data jsonb not null,
    template_version integer not null default 1,
    frequency bigint not null default 0,
    successes bigint not null default 0,
    failures bigint not null default 0,
    success_rate double precision generated always as (case when successes + failures > 0 then successes::double precision / (successes + failures) end) stored,
    suggestions jsonb not null default '[]',
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    unique (team, pattern_hash)
  )`,
  `create table enhancements (
    id uuid primary key,
    pattern_id uuid not null references prompt_patterns (id),
    pattern_version integer not null,
    version integer not null default 1,
    enhancement_type text not null,
    state text not null,
    mode text,
    original_prompt jsonb not null,
    enhanced_prompt jsonb,
    reason text,
    risks jsonb not null default '[]',
    source text not null,
    failure text,
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    applied bigint not null default 0,
    applied_successes bigint not null default 0,
    applied_failures bigint not null default 0,
    effectiveness double precision generated always as
      (case when applied_successes + applied_failures > 0 then applied_successes::double precision / (applied_successes + applied_failures) end) stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (pattern_id, pattern_version)
  )`,
  `create unique index enhancements_served on enhancements (pattern_id) where state = 'approved'`,
  `create table anomalies (
    id uuid primary key,
    created_at timestamptz not null default now(),
    exchange_id uuid,
    anomaly_type text not null,
    severity text not null,
    detection jsonb not null,
    status text not null,
    resolution jsonb,
    auto_blocked boolean not null default false
  )`,
  `create table security_policies (
    id uuid primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    policy_name text not null unique,
    policy_type text not null,
    rules jsonb not null default '[]',
    active boolean not null default false,
    priority integer not null default 0
  )`,
  `create table transformations (
    id uuid primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    rule_name text not null unique,
    rule_trigger jsonb not null,
    rule_logic jsonb not null,
    rule_order integer not null,
    active boolean not null default false,
    usage_count bigint not null default 0
  )`,
  `create table analytics_events (
    id uuid primary key,
    created_at timestamptz not null,
    event_type text not null,
    exchange_id uuid,
    session_id uuid,
    data jsonb not null
  ) partition by range (id)`,
  `create table analytics_events_default partition of analytics_events default`,
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
    cursor uuid,
    failure text
  )`,
  `create table analyst_calls (
    id uuid primary key,
    created_at timestamptz not null default now(),
    enhancement_id uuid,
    model text not null,
    tokens integer not null,
    finished_at timestamptz
  )`,
  `create index analyst_calls_day on analyst_calls (created_at)`,
]
