import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../journal/format.ts'
import { openJournalReader } from '../journal/reader.ts'
import type { Intent, JournalEntry, Outcome } from '../journal/records.ts'
import { openJournalWriter, type JournalWriter } from '../journal/writer.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sinew-journal-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = (segmentBytes?: number) =>
  openJournalWriter({ directory, durability: 'process', ballastBytes: 4096, ...(segmentBytes ? { segmentBytes } : {}) })

function intent(id: string, request = '{"model":"m"}', sent: string | null = null): JournalEntry {
  const header: Intent = {
    id,
    at: 1,
    dialect: 'openai',
    endpoint: '/v1/chat/completions',
    keyName: 'demo',
    team: 'default',
    requestedModel: 'm',
    provider: 'p',
    model: 'm',
    stream: false,
    target: 'http://upstream',
    headers: [['a', 'ä']],
    sessionKey: null,
    endUser: null,
    enhancementId: null,
    requestBytes: request.length,
  }
  return {
    kind: 'intent',
    intent: header,
    request: Buffer.from(request),
    sent: sent === null ? null : Buffer.from(sent),
  }
}

function outcome(id: string, response = 'answer'): JournalEntry {
  const header: Outcome = {
    id,
    at: 2,
    status: 'ok',
    httpStatus: 200,
    errorCode: null,
    headers: [],
    timings: { sentMs: 0, firstByteMs: 1, totalMs: 2 },
    responseBytes: response.length,
    responseDigest: null,
  }
  return { kind: 'outcome', outcome: header, response: Buffer.from(response) }
}

const append = (writer: JournalWriter, entry: JournalEntry) =>
  new Promise<void>((resolve, reject) => writer.append(entry, (error) => (error ? reject(error) : resolve())))

async function readAll(
  reader = openJournalReader(directory),
): Promise<{ entries: JournalEntry[]; damaged: string[]; torn: number }> {
  const entries: JournalEntry[] = []
  const damaged: string[] = []
  let torn = 0
  for (;;) {
    const batch = await reader.readBatch(1 << 20, 1000)
    entries.push(...batch.entries.map(({ entry }) => entry))
    damaged.push(...batch.damaged.map(({ reason }) => reason))
    torn += batch.torn.length
    if (batch.entries.length === 0 && batch.damaged.length === 0) break
  }
  await reader.close()
  return { entries, damaged, torn }
}

const exchanges = (entries: JournalEntry[]) => entries.filter((entry) => entry.kind !== 'opened')

/** Segments as versions before this one wrote them, kept byte for byte. */
const olderSegments: Record<string, string> = {
  opened: 'NAAAAMv///8ez+EdACsAAAB7ImpvdXJuYWwiOiJqIiwid3JpdGVyIjoidyIsImF0IjoxLCJwaWQiOjF9AAAAAA==',
  intent:
    'LwEAAND+//9J3C7TASQBAAB7ImludGVudCI6eyJpZCI6ImkiLCJhdCI6MSwiZGlhbGVjdCI6Im9wZW5haSIsImVuZHBvaW50IjoiL3YxL2NoYXQvY29tcGxldGlvbnMiLCJrZXlOYW1lIjoiZGVtbyIsInRlYW0iOiJkZWZhdWx0IiwicmVxdWVzdGVkTW9kZWwiOiJtIiwicHJvdmlkZXIiOiJwIiwibW9kZWwiOiJtIiwic3RyZWFtIjpmYWxzZSwidGFyZ2V0IjpudWxsLCJoZWFkZXJzIjpbXSwic2Vzc2lvbktleSI6bnVsbCwiZW5kVXNlciI6bnVsbCwiZW5oYW5jZW1lbnRJZCI6bnVsbCwicmVxdWVzdEJ5dGVzIjoyfSwiY2hhbmdlZCI6ZmFsc2V9AgAAAHt9',
  outcome:
    'xAAAADv////ItIBLArUAAAB7Im91dGNvbWUiOnsiaWQiOiJpIiwiYXQiOjIsInN0YXR1cyI6Im9rIiwiaHR0cFN0YXR1cyI6MjAwLCJlcnJvckNvZGUiOm51bGwsImhlYWRlcnMiOltdLCJ0aW1pbmdzIjp7InNlbnRNcyI6MCwiZmlyc3RCeXRlTXMiOjEsInRvdGFsTXMiOjJ9LCJyZXNwb25zZUJ5dGVzIjo2LCJyZXNwb25zZURpZ2VzdCI6bnVsbH19BgAAAGFuc3dlcg==',
  refused:
    '2QEAACb+//8jLUo3A8gBAAB7ImludGVudCI6eyJpZCI6ImkiLCJhdCI6MSwiZGlhbGVjdCI6Im9wZW5haSIsImVuZHBvaW50IjoiL3YxL2NoYXQvY29tcGxldGlvbnMiLCJrZXlOYW1lIjoiZGVtbyIsInRlYW0iOiJkZWZhdWx0IiwicmVxdWVzdGVkTW9kZWwiOiJtIiwicHJvdmlkZXIiOiJwIiwibW9kZWwiOiJtIiwic3RyZWFtIjpmYWxzZSwidGFyZ2V0IjpudWxsLCJoZWFkZXJzIjpbXSwic2Vzc2lvbktleSI6bnVsbCwiZW5kVXNlciI6bnVsbCwiZW5oYW5jZW1lbnRJZCI6bnVsbCwicmVxdWVzdEJ5dGVzIjoyfSwib3V0Y29tZSI6eyJpZCI6ImkiLCJhdCI6Miwic3RhdHVzIjoib2siLCJodHRwU3RhdHVzIjoyMDAsImVycm9yQ29kZSI6bnVsbCwiaGVhZGVycyI6W10sInRpbWluZ3MiOnsic2VudE1zIjowLCJmaXJzdEJ5dGVNcyI6MSwidG90YWxNcyI6Mn0sInJlc3BvbnNlQnl0ZXMiOjYsInJlc3BvbnNlRGlnZXN0IjpudWxsfX0CAAAAe31hbnN3ZXI=',
}

test('entries of earlier versions still read', () => {
  for (const [kind, bytes] of Object.entries(olderSegments)) {
    const decoded = decodeFrame(Buffer.from(bytes, 'base64'), 0)
    expect(decoded).toMatchObject({ state: 'entry', entry: { kind } })
  }
})

test('feedback is given back as it was', () => {
  const entry: JournalEntry = {
    kind: 'feedback',
    feedback: {
      id: 'f',
      exchangeId: 'e',
      team: 't',
      keyName: 'k',
      metric: 'success',
      value: 0.5,
      comment: 'ä\u0000',
      at: 1,
    },
  }
  expect(decodeFrame(Buffer.concat(encodeFrame(entry)), 0)).toMatchObject({ state: 'entry', entry })
})

describe('the journal', () => {
  test('gives back every entry in order, bodies byte for byte, across many segments', async () => {
    const writer = open(2000)
    const written: JournalEntry[] = []
    for (let index = 0; index < 100; index++) {
      written.push(
        intent(`i${index}`, `{"n":${index},"text":"\u0000é"}`, index % 3 === 0 ? '' : index % 3 === 1 ? null : 'sent'),
        outcome(`i${index}`, 'x'.repeat(index)),
      )
    }
    await Promise.all(written.map((entry) => append(writer, entry)))
    for (const entry of [intent('last'), outcome('last')]) {
      written.push(entry)
      await append(writer, entry)
    }
    await writer.close()
    const { entries, damaged } = await readAll()
    expect(exchanges(entries)).toEqual(written)
    expect(damaged).toEqual([])
    expect(readdirSync(directory).filter((name) => name.endsWith('.segment')).length).toBeGreaterThan(1)
  })

  test('is followed while it is written, one entry at a time, larger than the read chunk included', async () => {
    const writer = open()
    const reader = openJournalReader(directory)
    await reader.readBatch(1 << 20, 10)
    for (const size of [10, 3_000_000, 10]) {
      const entry = outcome('big', 'y'.repeat(size))
      await append(writer, entry)
      const batch = await reader.readBatch(1 << 20, 10)
      expect(batch.entries.map((read) => read.entry)).toEqual([entry])
    }
    await reader.close()
    await writer.close()
  })

  test('a torn tail costs only the frame that was cut, and a new writer never appends behind it', async () => {
    const writer = open()
    await append(writer, intent('a'))
    await append(writer, intent('b'))
    await writer.close()
    const path = join(directory, readdirSync(directory).find((name) => name.endsWith('.segment')) ?? '')
    truncateSync(path, readFileSync(path).length - 3)
    const second = open()
    await append(second, intent('c'))
    await second.close()
    const { entries, damaged, torn } = await readAll()
    expect(exchanges(entries)).toEqual([intent('a'), intent('c')])
    expect({ damaged, torn }).toEqual({ damaged: [], torn: 1 })
  })

  test('any single damaged byte costs at most one record and is reported', async () => {
    const writer = open()
    const written = ['a', 'b', 'c', 'd'].map((id) => intent(id))
    for (const entry of written) await append(writer, entry)
    await writer.close()
    const path = join(directory, readdirSync(directory).find((name) => name.endsWith('.segment')) ?? '')
    const whole = readFileSync(path)
    const successor = open()
    await successor.close()
    for (let at = 0; at < whole.length; at++) {
      const damagedBytes = Buffer.from(whole)
      damagedBytes[at] = (damagedBytes[at] ?? 0) ^ 0x10
      writeFileSync(path, damagedBytes)
      const { entries, damaged, torn } = await readAll()
      expect(entries.filter((entry) => entry.kind === 'intent').length, `byte ${at}`).toBeGreaterThanOrEqual(3)
      expect(damaged.length + torn, `byte ${at}`).toBeGreaterThanOrEqual(1)
    }
  }, 60_000)

  test('a committed position survives a restart, drops what is behind it, and is gone back to on rewind', async () => {
    const writer = open(1500)
    for (let index = 0; index < 20; index++) await append(writer, intent(`i${index}`))
    const reader = openJournalReader(directory)
    const first = await reader.readBatch(1 << 20, 12)
    await reader.commit(first.next)
    const again = await reader.readBatch(1 << 20, 1000)
    reader.rewind()
    expect((await reader.readBatch(1 << 20, 1000)).entries).toEqual(again.entries)
    await reader.close()
    const restarted = openJournalReader(directory)
    expect((await restarted.readBatch(1 << 20, 1000)).entries).toEqual(again.entries)
    await restarted.commit((await restarted.readBatch(1 << 20, 1000)).next)
    expect((await restarted.depth()).bytes).toBe(0)
    expect(readdirSync(directory).filter((name) => name.endsWith('.segment'))).toHaveLength(1)
    await restarted.close()
    await writer.close()
  })

  test('can be read by nobody else on the machine: it holds prompts and answers', async () => {
    const writer = open()
    await append(writer, intent('a'))
    await writer.close()
    expect(statSync(directory).mode & 0o077).toBe(0)
    for (const name of readdirSync(directory).filter((found) => found.endsWith('.segment')))
      expect(statSync(join(directory, name)).mode & 0o077).toBe(0)
  })

  test('two writers of one folder never share a segment, and foreign files are left alone', async () => {
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    const writers = [open(), open()]
    await Promise.all(writers.map((writer, index) => append(writer, intent(`w${index}`))))
    await Promise.all(writers.map((writer) => writer.close()))
    appendFileSync(join(directory, 'notes.txt'), '!')
    expect(exchanges((await readAll()).entries)).toHaveLength(2)
  })
})
