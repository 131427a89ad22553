import { Migration } from '@mikro-orm/migrations'

/** Who took back an enhancement, who put one off, and which arm of its experiment each exchange was drawn into. */
export class Withdrawals extends Migration {
  override up(): void {
    this.addSql(
      'alter table enhancements add column withdrawn_by text, add column withdrawn_at timestamptz, add column snoozed_by text',
    )
    this.addSql('alter table experiment_exchanges add column arm text')
    this.addSql('create index experiment_exchanges_exchange on experiment_exchanges (exchange_id)')
  }

  override down(): void {
    this.addSql('drop index experiment_exchanges_exchange')
    this.addSql('alter table experiment_exchanges drop column arm')
    this.addSql('alter table enhancements drop column withdrawn_by, drop column withdrawn_at, drop column snoozed_by')
  }
}
