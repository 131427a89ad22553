import { defineEntity, p } from '@mikro-orm/core'

/** Exchanges that wait for their team's miner, in the order of ingestion. */
export const PatternQueue = defineEntity({
  name: 'PatternQueue',
  tableName: 'pattern_queue',
  properties: {
    position: p.bigint('number').primary().autoincrement(),
    team: p.text(),
    exchangeId: p.uuid(),
    /** Its place in the order in which the miner took them; null = it waits. */
    sequence: p.bigint('number').nullable(),
    /** Given up: learning from it failed every time. */
    skipped: p.boolean().default(false),
  },
})
