import { Migration } from '@mikro-orm/migrations'
import { enhancementsTables } from './initial/enhancements.ts'
import { exchangesTables } from './initial/exchanges.ts'
import { experimentsTables } from './initial/experiments.ts'
import { patternsTables } from './initial/patterns.ts'
import { reanalysisTables } from './initial/reanalysis.ts'
import { rulesTables } from './initial/rules.ts'
import { systemTables } from './initial/system.ts'

/**
 * The whole schema. The tables that grow with traffic are partitioned by range of their UUIDv7 ids; the default
 * partition takes what arrives before its day's partition was made.
 */
export class Initial extends Migration {
  override up(): void {
    // Tables come before those that reference them.
    const groups = [
      exchangesTables,
      patternsTables,
      enhancementsTables,
      experimentsTables,
      rulesTables,
      reanalysisTables,
      systemTables,
    ]
    for (const statement of groups.flat()) this.addSql(statement)
  }
}
