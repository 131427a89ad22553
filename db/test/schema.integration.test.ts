import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { entities, kyselyOf } from '../database.ts'
import { createTestDatabase, type TestDatabase } from '../../docker/test/database.ts'
import { waitFor } from '../../docker/test/product.ts'
import { AnalyticsEvent } from '../entities/analytics-event.ts'
import { Anomaly } from '../entities/anomaly.ts'
import { SecurityPolicy } from '../entities/security-policy.ts'
import { Transformation } from '../entities/transformation.ts'
import { openNotifications } from '../notifications.ts'
import { migrate, openOrm } from '../orm.ts'
import { ensurePartitions, partitionedTables } from '../partitions.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

async function query(text: string): Promise<any[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const migrationNames = readdirSync(join(import.meta.dirname, '../migrations'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort()

type Columns = Record<string, Record<string, string>>

/** `type`, then what else holds of the column. */
function describeColumn(type: string, marks: { required: boolean; filled: boolean; generated: boolean; key: boolean }) {
  const { required, filled, generated, key } = marks
  return [type, required && 'not null', filled && 'filled by PostgreSQL', generated && 'generated', key && 'key']
    .filter(Boolean)
    .join(', ')
}

async function readMigrated(): Promise<Columns> {
  const rows = await query(`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
      a.attgenerated <> '' as generated, (a.atthasdef and a.attgenerated = '') or a.attidentity <> '' as filled,
      coalesce(a.attnum = any(i.indkey::int2[]), false) as key
    from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'mikro_orm_migrations' and a.attnum > 0 and not a.attisdropped`)
  const tables: Columns = {}
  for (const { table, column, type, ...marks } of rows) (tables[table] ??= {})[column] = describeColumn(type, marks)
  return tables
}

/** Names of types as PostgreSQL writes them. */
const typeNames: Record<string, string> = {
  int: 'integer',
  timestamptz: 'timestamp with time zone',
  bigserial: 'bigint',
}

async function readEntities(): Promise<Columns> {
  const orm = await openOrm(database.url)
  try {
    const tables: Columns = {}
    for (const meta of orm.getMetadata().getAll().values())
      for (const property of meta.props) {
        const type = property.columnTypes[0] ?? ''
        const columns = (tables[meta.tableName] ??= {})
        columns[property.fieldNames[0] ?? property.name] = describeColumn(typeNames[type] ?? type, {
          required: property.nullable !== true,
          filled: property.defaultRaw !== undefined || property.autoincrement === true,
          generated: property.generated !== undefined,
          key: property.primary === true,
        })
      }
    return tables
  } finally {
    await orm.close()
  }
}

describe('the schema', () => {
  test('is made once by processes that start at the same moment, and has the nine tables with their columns', async () => {
    await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
    expect((await query('select name from mikro_orm_migrations order by name')).map(({ name }) => name)).toEqual(
      migrationNames,
    )
    const columns = new Map<string, string[]>()
    for (const { table_name: table, column_name: column } of await query(
      `select table_name, column_name from information_schema.columns where table_schema = 'public'`,
    )) {
      columns.set(table, [...(columns.get(table) ?? []), column])
    }
    const asked: Record<string, string[]> = {
      sessions: ['session_key', 'metadata'],
      requests: [
        'model',
        'messages',
        'tools',
        'parameters',
        'target',
        'headers',
        'status',
        'timings',
        'namespace_prefix',
      ],
      responses: [
        'content',
        'tool_calls',
        'usage',
        'status_code',
        'streaming',
        'input_tokens',
        'output_tokens',
        'cost_usd',
      ],
      prompt_patterns: [
        'pattern_hash',
        'pattern_data',
        'frequency',
        'success_rate',
        'suggestions',
        'first_seen',
        'last_seen',
        'pattern_type',
      ],
      enhancements: ['enhancement_type', 'original_prompt', 'enhanced_prompt', 'applied', 'effectiveness', 'source'],
      anomalies: ['anomaly_type', 'severity', 'detection', 'status', 'resolution', 'auto_blocked'],
      security_policies: ['policy_name', 'policy_type', 'rules', 'active', 'priority'],
      transformations: ['rule_trigger', 'rule_logic', 'rule_order', 'usage_count'],
      analytics_events: ['event_type', 'data'],
    }
    for (const [table, wanted] of Object.entries(asked))
      expect(columns.get(table), table).toEqual(expect.arrayContaining(wanted))
  })

  test('is what the entities say of it: every table and column, its type, and whether it may be empty', async () => {
    await migrate(database.url)
    const migrated = await readMigrated()
    expect(await readEntities()).toEqual(migrated)
    expect(Object.keys(migrated).sort()).toEqual(entities.map(({ meta }) => meta.tableName).sort())
  })

  test('entities that nothing fills yet can be written and read back', async () => {
    await migrate(database.url)
    const orm = await openOrm(database.url)
    try {
      const now = new Date()
      const em = orm.em.fork()
      em.create(Anomaly, {
        id: v7(),
        createdAt: now,
        exchangeId: null,
        anomalyType: 'burst',
        severity: 'low',
        detection: { rate: 3 },
        status: 'new',
        resolution: null,
        autoBlocked: false,
      })
      em.create(SecurityPolicy, {
        id: v7(),
        createdAt: now,
        updatedAt: now,
        policyName: 'p',
        policyType: 'block',
        rules: [{ a: 1 }],
        active: true,
        priority: 1,
      })
      em.create(Transformation, {
        id: v7(),
        createdAt: now,
        updatedAt: now,
        ruleName: 'r',
        target: 'request',
        ruleTrigger: { condition: '' },
        ruleLogic: { edits: [{ kind: 'remove', path: ['user'] }] },
        ruleOrder: 1,
        active: false,
        version: 1,
        usageCount: 0,
        errorCount: 0,
        lastUsed: null,
      })
      em.create(AnalyticsEvent, {
        id: v7(),
        createdAt: now,
        eventType: 'e',
        exchangeId: null,
        sessionId: null,
        data: { x: [1] },
      })
      await em.flush()
      const fresh = orm.em.fork()
      expect((await fresh.find(Anomaly, {}))[0]?.detection).toEqual({ rate: 3 })
      expect((await fresh.find(SecurityPolicy, { active: true }))[0]?.rules).toEqual([{ a: 1 }])
      expect((await fresh.find(Transformation, {}))[0]?.ruleLogic).toEqual({
        edits: [{ kind: 'remove', path: ['user'] }],
      })
      expect((await fresh.find(AnalyticsEvent, {}))[0]?.data).toEqual({ x: [1] })
    } finally {
      await orm.close()
    }
  })

  test('partitions are made ahead, twice without harm, and a day that has rows in the default partition stays there', async () => {
    await migrate(database.url)
    const orm = await openOrm(database.url)
    try {
      const kysely = kyselyOf(orm.em)
      const now = Date.now()
      const day = 86_400_000
      await sql`insert into analytics_events (id, created_at, event_type, data) values (${v7({ msecs: now + 2 * day })}, now(), 'early', '{}')`.execute(
        kysely,
      )
      const left = await ensurePartitions(kysely, now, 3)
      expect(left).toHaveLength(1)
      expect(await ensurePartitions(kysely, now, 3)).toEqual(left)
      const [{ count }] = await query(`select count(*) from pg_inherits`)
      // Four days of three tables without the one that is left, the three default ones, and their indexes.
      expect(Number(count)).toBeGreaterThanOrEqual(4 * partitionedTables.length - 1 + 3)
      await sql`insert into analytics_events (id, created_at, event_type, data) values (${v7({ msecs: now })}, now(), 'today', '{}')`.execute(
        kysely,
      )
      expect(await query(`select event_type from only analytics_events_default`)).toEqual([{ event_type: 'early' }])
    } finally {
      await orm.close()
    }
  })
})

describe('notifications', () => {
  test('arrive, and after the connection was cut the listener is told that it may have missed some', async () => {
    const received: (string | null)[] = []
    const listener = openNotifications(database.url, ['sinew_learning'], (_, payload) => received.push(payload))
    try {
      await waitFor(() => listener.connected, 'the listener is connected')
      expect(await listener.notify('sinew_learning', 'one')).toBe(true)
      await waitFor(() => received.includes('one'), 'the message arrives')
      await query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
      await waitFor(
        () => received.filter((payload) => payload === null).length === 2,
        'the listener comes back by itself',
      )
      await listener.notify('sinew_learning', 'two')
      await waitFor(() => received.includes('two'), 'messages arrive again')
    } finally {
      await listener.close()
    }
  })
})
