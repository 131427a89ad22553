/** Enhancements, and what asking the analyst for them costs. */
export const enhancementsTables = [
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
    withdrawn_by text,
    withdrawn_at timestamptz,
    applied bigint not null default 0,
    applied_successes bigint not null default 0,
    applied_failures bigint not null default 0,
    effectiveness double precision generated always as
      (case when applied_successes + applied_failures > 0 then applied_successes::double precision / (applied_successes + applied_failures) end) stored,
    kind text,
    expected_gain double precision,
    added_tokens integer,
    checks jsonb not null default '[]',
    replay jsonb,
    approvals jsonb not null default '[]',
    requested_by text,
    edited_by text,
    proposed_at timestamptz,
    snoozed_until timestamptz,
    snoozed_by text,
    reminded_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index enhancements_served on enhancements (pattern_id) where state = 'approved'`,
  // People may ask again, and write their own; by itself Sinew asks once for a version of a template.
  `create unique index enhancements_automatic on enhancements (pattern_id, pattern_version) where requested_by is null`,
  `create index enhancements_pattern on enhancements (pattern_id)`,
  `create table analyst_calls (
    id uuid primary key,
    created_at timestamptz not null default now(),
    purpose text not null default 'proposal',
    enhancement_id uuid,
    model text not null,
    tokens integer not null,
    finished_at timestamptz
  )`,
  `create index analyst_calls_day on analyst_calls (created_at)`,
  // What people set in the admin while Sinew runs; everything else is in the configuration.
  `create table settings (
    key text primary key,
    value jsonb,
    updated_by text not null,
    updated_at timestamptz not null default now()
  )`,
]
