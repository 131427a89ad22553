import { Migration } from '@mikro-orm/migrations'

/** Why a request went as it did, and what was changed of its answer on the way. */
export class Decisions extends Migration {
  override up(): void {
    this.addSql('alter table requests add column decision jsonb')
    this.addSql('alter table responses add column change jsonb')
  }

  override down(): void {
    this.addSql('alter table responses drop column change')
    this.addSql('alter table requests drop column decision')
  }
}
