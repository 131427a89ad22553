import { Migration } from '@mikro-orm/migrations'

/** What people set in the admin while Sinew runs; everything else is in the configuration. */
export class Settings extends Migration {
  override up(): void {
    this.addSql(`create table settings (
      key text primary key,
      value jsonb,
      updated_by text not null,
      updated_at timestamptz not null default now()
    )`)
  }

  override down(): void {
    this.addSql('drop table if exists settings')
  }
}
