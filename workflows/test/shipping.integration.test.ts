import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalWriter } from '../../db/journal/writer.ts'
import {
  append,
  appendExchange,
  appendExchanges,
  chat,
  completion,
  openTestJournal,
  toIntent,
  toOutcome,
} from './journal-input.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let writer: JournalWriter
beforeEach(async () => {
  harness = await openHarness()
  writer = openTestJournal(harness.journal)
})
afterEach(async () => {
  await writer.close()
  await harness.close()
})

const segments = () =>
  readdirSync(harness.journal)
    .filter((name) => name.endsWith('.segment'))
    .sort()
const forgetPosition = () => rmSync(join(harness.journal, 'position.json'), { force: true })
const everything = () =>
  harness.rows(
    `select r.*, a.body, a.content, s.session_key from requests r left join responses a using (id) left join sessions s on s.id = r.session_id order by r.id`,
  )

describe('a record', () => {
  test('holds both bodies byte for byte and what is read from them', async () => {
    const request = chat('Summarise: \u0000 ü 😀', {
      tools: [{ type: 'function', function: { name: 'f' } }],
      temperature: 0.5,
    })
    const response = completion('A \u0000 summary')
    const id = await appendExchange(writer, {
      request,
      response,
      sent: 'changed',
      intent: { sessionKey: 'talk', endUser: 'eve', stream: false },
    })
    await shipAll(harness)
    const [row] = await everything()
    expect(row).toMatchObject({
      id,
      status: 'ok',
      http_status: 200,
      session_key: 'talk',
      end_user: 'eve',
      content: 'A \ufffd summary',
      parameters: { temperature: 0.5 },
      tools: [{ type: 'function', function: { name: 'f' } }],
      messages: [{ role: 'user', content: 'Summarise: \ufffd ü 😀' }],
    })
    expect(row?.original_body.toString()).toBe(request)
    expect(row?.sent_body.toString()).toBe('changed')
    expect(row?.body.toString()).toBe(response)
    expect(row?.recorded_in).not.toBeNull()
  })

  test('takes the last outcome, and keeps its place in live lists by the first', async () => {
    const id = await appendExchange(writer)
    await shipAll(harness)
    const [before] = await everything()
    await append(writer, toOutcome(id, { outcome: { status: 'cancelled' }, response: 'half' }))
    await shipAll(harness)
    const [after] = await everything()
    expect(after).toMatchObject({ status: 'cancelled', recorded_in: before?.recorded_in })
    expect(after?.body.toString()).toBe('half')
  })

  test.each(['in one batch', 'in two', 'in two, shipped again from the beginning'])(
    'names the deployment that answered where several were asked, %s',
    async (how) => {
      const id = v7()
      const attempts = [{ provider: 'first', model: 'a', status: 503, error: null, ms: 12 }]
      await append(writer, toIntent(id, { sent: 'to the first', intent: { provider: 'first', model: 'a' } }))
      if (how !== 'in one batch') await shipAll(harness)
      await append(
        writer,
        toIntent(id, { sent: 'to the second', intent: { provider: 'second', model: 'b', decision: { attempts } } }),
      )
      await append(writer, toOutcome(id))
      await shipAll(harness)
      if (how.endsWith('beginning')) {
        forgetPosition()
        await shipAll(harness)
      }
      const rows = await everything()
      expect(rows).toMatchObject([
        { id, status: 'ok', provider: 'second', model: 'b', decision: { attempts }, http_status: 200 },
      ])
      expect(rows[0]?.sent_body.toString()).toBe('to the second')
    },
  )

  test('of an exchange that still runs is there without an outcome', async () => {
    await append(writer, toIntent(v7()))
    await shipAll(harness)
    expect(await everything()).toMatchObject([{ status: 'unknown', finished_at: null, recorded_in: null }])
  })

  test('that Sinew itself answered is there whole', async () => {
    const id = v7()
    const intent = toIntent(id, { request: '{bad', intent: { model: null, provider: null, target: null } })
    const outcome = toOutcome(id, {
      response: '{"error":{}}',
      outcome: { status: 'error', httpStatus: 400, errorCode: 'invalid_json' },
    })
    if (intent.kind !== 'intent' || outcome.kind !== 'outcome') throw new Error('unexpected')
    await append(writer, {
      kind: 'refused',
      intent: intent.intent,
      request: intent.request,
      outcome: outcome.outcome,
      response: outcome.response,
    })
    await shipAll(harness)
    expect(await everything()).toMatchObject([
      { status: 'error', http_status: 400, error_code: 'invalid_json', messages: null },
    ])
  })

  test('wakes those who show live lists', async () => {
    const listener = new Client({ connectionString: harness.url })
    await listener.connect()
    await listener.query('listen sinew_exchanges')
    const heard = new Promise((resolve) => listener.once('notification', resolve))
    await appendExchange(writer)
    await shipAll(harness)
    await heard
    await listener.end()
  })
})

describe('shipping again changes nothing', () => {
  test('when the position was lost after the transaction', async () => {
    await appendExchanges(writer, 120, (index) => ({ intent: { sessionKey: `talk-${index % 7}` } }))
    await append(writer, toIntent(v7()))
    await shipAll(harness)
    const before = await everything()
    expect(before).toHaveLength(121)
    forgetPosition()
    await shipAll(harness)
    expect(await everything()).toEqual(before)
  })

  test('when two shippers work on one journal at once', async () => {
    const shippers = [harness.startShipper(), harness.startShipper()]
    const ids = await appendExchanges(writer, 300)
    await eventually(async () =>
      expect(await harness.rows('select id from requests where finished_at is not null')).toHaveLength(300),
    )
    await eventually(async () => expect(shippers.every((shipper) => shipper.error === null)).toBe(true))
    await Promise.all(shippers.map((shipper) => shipper.stop()))
    expect((await everything()).map((row) => row.id)).toEqual(ids.sort())
    expect(await harness.rows('select id from quarantine')).toEqual([])
  })

  test('when its connections are cut again and again', async () => {
    const shipper = harness.startShipper()
    const ids: string[] = []
    // A connection of its own: the others are the ones that are cut.
    const knife = new Client({ connectionString: harness.url })
    await knife.connect()
    for (let round = 0; round < 5; round++) {
      ids.push(...(await appendExchanges(writer, 100)))
      await knife.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
    }
    await knife.end()
    await eventually(async () => expect(await harness.rows('select id from responses')).toHaveLength(500))
    await shipper.stop()
    expect((await everything()).map((row) => row.id)).toEqual(ids.sort())
    expect(await harness.rows('select id from quarantine')).toEqual([])
  })
})

describe('what is behind the position', () => {
  test('is dropped, and only that', async () => {
    await writer.close()
    writer = openTestJournal(harness.journal, 16 * 1024)
    for (let round = 0; round < 20; round++) await appendExchanges(writer, 10)
    expect(segments().length).toBeGreaterThan(5)
    await shipAll(harness)
    expect(await everything()).toHaveLength(200)
    expect(segments().length).toBeLessThan(3)
  })
})

describe('a gateway that died', () => {
  test('leaves its unfinished exchanges as unknown once another one opens the journal', async () => {
    const lost = v7()
    const finished = await appendExchange(writer)
    await append(writer, toIntent(lost))
    await shipAll(harness)
    await writer.close()
    writer = openTestJournal(harness.journal)
    const running = v7()
    await append(writer, toIntent(running))
    await shipAll(harness)
    const rows = new Map((await everything()).map((row) => [row.id, row]))
    expect(rows.get(lost)).toMatchObject({
      status: 'unknown',
      finished_at: expect.anything(),
      recorded_in: expect.anything(),
    })
    expect(rows.get(finished)).toMatchObject({ status: 'ok' })
    expect(rows.get(running)).toMatchObject({ status: 'unknown', finished_at: null, recorded_in: null })
  })

  test('does so too when all of it comes in one batch', async () => {
    const lost = v7()
    await append(writer, toIntent(lost))
    await writer.close()
    writer = openTestJournal(harness.journal)
    const running = v7()
    await append(writer, toIntent(running))
    await shipAll(harness)
    expect(await harness.rows('select id from requests where finished_at is not null')).toEqual([{ id: lost }])
  })

  test('does not end what its successor has under way when its own segments are shipped again', async () => {
    await append(writer, toIntent(v7()))
    const old = segments().map((name) => [name, readFileSync(join(harness.journal, name))] as const)
    await writer.close()
    writer = openTestJournal(harness.journal)
    const running = v7()
    await append(writer, toIntent(running, { intent: { at: Date.now() + 1 } }))
    await shipAll(harness)
    for (const [name, bytes] of old) writeFileSync(join(harness.journal, name), bytes)
    forgetPosition()
    await shipAll(harness)
    expect(await harness.rows(`select id from requests where finished_at is null`)).toEqual([{ id: running }])
  })
})

describe('what is refused holds nobody up', () => {
  test('a record that PostgreSQL refuses goes to quarantine with its bytes, the others arrive', async () => {
    await harness.rows(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$`,
    )
    await harness.rows(
      `create trigger refuse before insert on requests for each row when (new.end_user = 'poison') execute function refuse()`,
    )
    const before = await appendExchanges(writer, 40)
    const poison = await appendExchange(writer, { intent: { endUser: 'poison' }, request: chat('poisoned') })
    const after = await appendExchanges(writer, 40)
    await shipAll(harness)
    expect((await everything()).map((row) => row.id)).toEqual([...before, ...after].sort())
    const quarantined = await harness.rows('select * from quarantine')
    expect(quarantined).toMatchObject([{ stage: 'record', exchange_id: poison, error: 'poison' }])
    expect(quarantined[0]?.payload.includes('poisoned')).toBe(true)
    forgetPosition()
    await shipAll(harness)
    expect(await harness.rows('select id from quarantine')).toHaveLength(1)
  })

  test('neither does an entry that is no exchange at all', async () => {
    await appendExchange(writer, { id: 'not-a-uuid' })
    await appendExchange(writer, { outcome: { at: 1e300 } })
    const id = await appendExchange(writer)
    await shipAll(harness)
    expect((await everything()).map((row) => row.id)).toEqual([id])
    expect(await harness.rows('select stage from quarantine')).toEqual([{ stage: 'record' }, { stage: 'record' }])
  })

  test('nor an outcome whose intent is lost', async () => {
    const lost = v7()
    await append(writer, toOutcome(lost))
    const id = await appendExchange(writer)
    await shipAll(harness)
    expect((await everything()).map((row) => row.id)).toEqual([id])
    expect(await harness.rows('select exchange_id, error from quarantine')).toEqual([
      { exchange_id: lost, error: 'an outcome without its intent' },
    ])
  })

  test('a flipped bit costs one record, and what is damaged is set aside', async () => {
    const ids = await Promise.all([
      appendExchange(writer),
      appendExchange(writer, { request: chat('FLIP HERE') }),
      appendExchange(writer),
    ])
    await writer.close()
    const path = join(harness.journal, segments()[0] as string)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('FLIP HERE')]! ^= 0x20
    writeFileSync(path, bytes)
    await shipAll(harness)
    expect((await everything()).map((row) => row.id)).toEqual([ids[0], ids[2]].sort())
    const quarantined = await harness.rows('select stage, exchange_id, payload from quarantine order by stage')
    expect(quarantined).toMatchObject([{ stage: 'journal' }, { stage: 'record', exchange_id: ids[1] }])
    expect(quarantined[0]?.payload.includes('fLIP HERE')).toBe(true)
    writer = openTestJournal(harness.journal)
  })

  test('a torn tail is passed over once the next segment is there', async () => {
    const id = await appendExchange(writer)
    await append(writer, toIntent(v7()))
    await writer.close()
    const path = join(harness.journal, segments()[0] as string)
    truncateSync(path, readFileSync(path).length - 10)
    writer = openTestJournal(harness.journal)
    const next = await appendExchange(writer)
    await shipAll(harness)
    expect((await everything()).map((row) => row.id)).toEqual([id, next].sort())
    expect(await harness.rows('select id from quarantine')).toEqual([])
  })
})

test('PostgreSQL that has no room for a record now has it later', async () => {
  await harness.rows(
    `create function no_room() returns trigger language plpgsql as $$ begin raise exception using errcode = '53100', message = 'disk full'; end $$`,
  )
  await harness.rows(`create trigger no_room before insert on requests for each row execute function no_room()`)
  const shipper = harness.startShipper()
  const ids = await appendExchanges(writer, 20)
  await eventually(async () => expect(shipper.error).toBe('disk full'))
  await harness.rows('drop trigger no_room on requests')
  await eventually(async () => expect(await everything()).toHaveLength(ids.length))
  await shipper.stop()
  expect(await harness.rows('select id from quarantine')).toEqual([])
})

describe('a conversation that no client names', () => {
  const turn = (...texts: string[]): string =>
    JSON.stringify({
      model: 'm',
      messages: texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
    })
  const sessions = async () =>
    (await harness.rows('select session_id as session from requests order by id')).map(({ session }) => session)

  test('is one session across batches and when the journal is read again; another one that opened alike is not it', async () => {
    const talk: [string, string][] = [
      [turn('Hello'), 'Hi, how can I help?'],
      [turn('Hello', 'Hi, how can I help?', 'Where is the harbour?'), 'By the sea.'],
      [turn('Hello', 'Hi, how can I help?', 'Where is the harbour?', 'By the sea.', 'Thanks'), 'Bye.'],
      [turn('Hello'), 'Hi, how can I help?'],
    ]
    for (const [request, answer] of talk) {
      const id = v7()
      const input = { request, response: completion(answer) }
      await append(writer, toIntent(id, input))
      await shipAll(harness)
      await append(writer, toOutcome(id, input))
      await shipAll(harness)
    }
    const [first, second, third, other] = await sessions()
    expect(first).toEqual(expect.any(String))
    expect([second, third]).toEqual([first, first])
    expect(other).not.toBe(first)
    const before = await sessions()
    forgetPosition()
    await shipAll(harness)
    expect(await sessions()).toEqual(before)
    expect(await harness.rows('select count(*)::int as count from sessions')).toEqual([{ count: 2 }])
  })

  test('goes on from an answer by its id, whatever the conversation was named', async () => {
    const endpoint = '/v1/responses'
    const answer = (id: string) =>
      JSON.stringify({ id, status: 'completed', output: [{ type: 'message', content: [] }] })
    await appendExchange(writer, {
      intent: { endpoint, sessionKey: 'talk' },
      request: JSON.stringify({ model: 'm', input: 'Hello' }),
      response: answer('resp_1'),
    })
    await appendExchange(writer, {
      intent: { endpoint },
      request: JSON.stringify({ model: 'm', input: 'And then?', previous_response_id: 'resp_1' }),
      response: answer('resp_2'),
    })
    await shipAll(harness)
    expect((await everything()).map(({ session_key }) => session_key)).toEqual(['talk', 'talk'])
  })
})
