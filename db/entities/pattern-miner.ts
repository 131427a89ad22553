import { defineEntity, p } from '@mikro-orm/core'

/** One team's miner: who runs it at present, how far it has got, and what it remembers. */
export const PatternMiner = defineEntity({
  name: 'PatternMiner',
  tableName: 'pattern_miners',
  properties: {
    team: p.text().primary(),
    owner: p.uuid().nullable(),
    ownedUntil: p.datetime().defaultRaw('now()'),
    sequence: p.bigint('number').default(0),
    snapshot: p.blob().nullable(),
    snapshotSequence: p.bigint('number').default(0),
    /** What gateways identify prompts by: compressed lines of JSON. */
    patternSet: p.blob().nullable(),
    setVersion: p.bigint('number').default(0),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
