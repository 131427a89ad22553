import { describe, expect, it } from 'vitest'
import type { Row } from './figures.ts'
import { parseOptions } from './options.ts'
import { findBacklog } from './sinew.ts'
import { align, formatTable, type Circumstances } from './table.ts'

const row = (name: string, requestsOfNginx: number, addedP50Ms: number, addedP99Ms: number): Row => ({
  name,
  requestsOfNginx,
  streamsOfNginx: 0.5,
  addedP50Ms,
  addedP99Ms,
  addedP50OfNginx: 4,
  addedP99OfNginx: Number.NaN,
  requestsPerSecond: 12345.6,
  streamsPerSecond: 1000,
  p50Ms: 0.5,
  p99Ms: 1.5,
  errors: 0,
})
const circumstances: Circumstances = {
  cores: 2,
  processor: 'test',
  node: '24.0.0',
  upstream: 'Go 1.26',
  load: 'Go 1.26',
  nginx: 'nginx 1.22',
  rounds: 3,
  seconds: 4,
  otherWork: 0.02,
}

describe('formatTable', () => {
  const text = formatTable(
    [row('direct', 1.8, 0, 0), row('nginx', 1, 0.1, 0.2), row('Sinew', 0.3, 0.7, 1.9)],
    circumstances,
  )

  it('names the circumstances without which no figure means anything', () => {
    for (const part of [
      '2 cores',
      'Node 24.0.0',
      'upstream: Go 1.26',
      'load: Go 1.26',
      'nginx 1.22',
      '3 interleaved rounds of 4 s',
    ])
      expect(text).toContain(part)
  })

  it('prints ratios before absolute figures, and a dash for what cannot be said', () => {
    const line = text.split('\n').find((candidate) => candidate.startsWith('Sinew '))
    expect(line?.split(/\s{2,}/)).toEqual([
      'Sinew',
      '0.30',
      '0.50',
      '0.70',
      '1.90',
      '4.0',
      '-',
      '12346',
      '1000',
      '0.50',
      '1.50',
      '0',
    ])
  })

  it('warns when other work was measured too', () => {
    expect(text).not.toContain('quiet machine')
    expect(formatTable([], { ...circumstances, otherWork: 0.4 })).toContain('up to 40 % of the processors')
  })

  it('says of the gateway which aims are met', () => {
    expect(text).toContain('Sinew: aim 0.25 of nginx met, added p50 0.6 ms not met, p99 2 ms met')
    expect(text).not.toMatch(/^nginx: aim/m)
  })
})

it('align puts names to the left and figures to the right', () => {
  expect(
    align([
      ['a', '1'],
      ['long', '100'],
    ]),
  ).toEqual(['a       1', 'long  100'])
})

describe('parseOptions', () => {
  it('has short defaults and takes every option', () => {
    expect(parseOptions([])).toEqual({ rounds: 3, seconds: 4, json: false, start: '' })
    expect(parseOptions(['--rounds', '5', '--seconds=2', '--json', '--start', 'x y'])).toEqual({
      rounds: 5,
      seconds: 2,
      json: true,
      start: 'x y',
    })
  })

  it.each([['--rounds', '0'], ['--rounds', '21'], ['--seconds', 'long'], ['--seconds', '1.5'], ['--fast']])(
    'refuses %s %s with the usage',
    (...args) => {
      expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(/npm run bench/)
    },
  )
})

it('findBacklog reads waiting work by its names, whatever the shape around it', () => {
  const status = {
    journal: { depth: 12, ageMs: 40, segments: 0 },
    shipper: { lag: 3 },
    postgres: { ok: true, connections: 5 },
    list: [{ pendingWorkflows: 7 }],
  }
  expect(findBacklog(status)).toEqual([
    'journal.depth 12',
    'journal.ageMs 40',
    'shipper.lag 3',
    'list.0.pendingWorkflows 7',
  ])
  expect(findBacklog(null)).toEqual([])
})
