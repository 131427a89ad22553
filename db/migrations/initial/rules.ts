/** Rules and policies. */
export const rulesTables = [
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
    target text not null default 'request',
    rule_trigger jsonb not null,
    rule_logic jsonb not null,
    rule_order integer not null,
    active boolean not null default false,
    version integer not null default 1,
    usage_count bigint not null default 0,
    error_count bigint not null default 0,
    last_used timestamptz
  )`,
  // No reference: the history outlives its rule.
  `create table transformation_versions (
    transformation_id uuid not null,
    version integer not null,
    change text not null,
    rule jsonb not null,
    person text not null,
    reason text,
    created_at timestamptz not null default now(),
    primary key (transformation_id, version)
  )`,
]
