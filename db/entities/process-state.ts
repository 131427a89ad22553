import { defineEntity, p } from '@mikro-orm/core'

/** What a process last said of itself: how the control process knows the state of the others. */
export const ProcessState = defineEntity({
  name: 'ProcessState',
  tableName: 'process_states',
  properties: {
    name: p.text().primary(),
    state: p.json().$type<Record<string, unknown>>(),
    seenAt: p.datetime().defaultRaw('now()'),
  },
})
