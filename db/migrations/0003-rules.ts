import { Migration } from '@mikro-orm/migrations'

/** Transformation rules: what they change, how often they did, and their history. */
export class Rules extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    for (const statement of reversed) this.addSql(statement)
  }
}

const statements = [
  `alter table transformations add column target text not null default 'request', add column version integer not null default 1, add column error_count bigint not null default 0, add column last_used timestamptz`,
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

const reversed = [
  `drop table if exists transformation_versions`,
  `alter table transformations drop column if exists target, drop column if exists version, drop column if exists error_count, drop column if exists last_used`,
]
