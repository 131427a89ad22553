import { Migration } from '@mikro-orm/migrations'

/** What the shipper read of a request, and what later requests of its conversation are found by. */
export class Readings extends Migration {
  override up(): void {
    this.addSql(
      'alter table requests add column reading jsonb, add column opening_hash text, add column conversation_link text',
    )
    this.addSql(`create table session_links (
      team text not null,
      link text not null,
      exchange_id uuid not null,
      session_key text not null,
      continued_by uuid,
      primary key (team, link, exchange_id)
    )`)
    this.addSql('create index session_links_exchange on session_links (exchange_id)')
  }

  override down(): void {
    this.addSql('drop table session_links')
    this.addSql('alter table requests drop column reading, drop column opening_hash, drop column conversation_link')
  }
}
