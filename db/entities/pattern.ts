import { defineEntity, p } from '@mikro-orm/core'
import type { PromptTemplate } from '../words/enhancement.ts'
import type { PatternSource, PatternState, Suggestion } from '../words/pattern.ts'

/** A learned prompt template and what is known of it. */
export const Pattern = defineEntity({
  name: 'Pattern',
  tableName: 'prompt_patterns',
  properties: {
    id: p.uuid().primary(),
    team: p.text(),
    /** Of the opening it stands for; null = a template was learned. */
    patternHash: p.text().nullable(),
    /** The name its team's miner gave to what it learned; null = it is an opening. */
    minerName: p.text().nullable(),
    patternType: p.text(),
    title: p.text(),
    patternData: p.json().$type<PromptTemplate>(),
    templateVersion: p.integer().default(1),
    frequency: p.bigint('number').default(0),
    successes: p.bigint('number').default(0),
    failures: p.bigint('number').default(0),
    /** Null until an exchange has a verdict. Computed by PostgreSQL from the two counts. */
    successRate: p
      .double()
      .nullable()
      .generated(
        '(case when successes + failures > 0 then successes::double precision / (successes + failures) end) stored',
      ),
    suggestions: p.json().$type<Suggestion[]>().defaultRaw(`'[]'`),
    firstSeen: p.datetime(),
    lastSeen: p.datetime(),
    source: p.text().$type<PatternSource>().default('opening'),
    state: p.text().$type<PatternState>().default('active'),
    /** A learned pattern's forms as the matcher takes them. */
    templates: p.json().$type<unknown[]>().nullable(),
    /** The pattern that stands for this one, never a merged one itself. */
    mergedInto: p.uuid().nullable(),
    /** The person who merged it; null = its miner did. */
    mergedBy: p.text().nullable(),
    /** Nothing is proposed for it. */
    muted: p.boolean().default(false),
    /** The person who named it. */
    titledBy: p.text().nullable(),
    /** What its prompts ask for, and by which words this was seen. */
    kind: p.text().nullable(),
    kindReason: p.text().nullable(),
    /** Its frequency when a better prompt was last asked for. */
    askedFrequency: p.bigint('number').nullable(),
  },
})
