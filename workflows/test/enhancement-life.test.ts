import { expect, test } from 'vitest'
import { decideNextStep, type Life } from '../domain/enhancements/enhancement-life.ts'

const hour = 3_600_000
const settings = { remindAfterHours: 24, expireAfterHours: 60 }
const life = (more: Partial<Life> = {}): Life => ({
  state: 'proposed',
  proposedAt: 0,
  remindedAt: null,
  snoozedUntil: null,
  ...more,
})

test.each<[string, Life, { step: string; atMs: number } | null]>([
  ['a new proposal is reminded of', life(), { step: 'remind', atMs: 24 * hour }],
  ['and again', life({ remindedAt: 25 * hour }), { step: 'remind', atMs: 49 * hour }],
  ['until nobody wants it', life({ remindedAt: 49 * hour }), { step: 'expire', atMs: 60 * hour }],
  [
    'a reminder from before it was edited does not count',
    life({ proposedAt: 30 * hour, remindedAt: 24 * hour }),
    { step: 'remind', atMs: 54 * hour },
  ],
  ['a snoozed one returns', life({ state: 'snoozed', snoozedUntil: 7 * hour }), { step: 'return', atMs: 7 * hour }],
  ['a decided one is over', life({ state: 'approved' }), null],
  ['an expired one too', life({ state: 'expired' }), null],
])('%s', (_, given, next) => expect(decideNextStep(given, settings)).toEqual(next))
