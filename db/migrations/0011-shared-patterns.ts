import { Migration } from '@mikro-orm/migrations'

/** Whose patterns an exchange counts for, where teams share them; null = its own team's. */
export class SharedPatterns extends Migration {
  override up(): void {
    this.addSql('alter table requests add column pattern_team text')
  }

  override down(): void {
    this.addSql('alter table requests drop column pattern_team')
  }
}
