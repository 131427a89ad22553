import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toReadable } from '../process/output.ts'

test.each([
  ['a line that is not JSON stays as it is', 'plain text', 'plain text'],
  [
    'fields follow the message',
    '{"level":30,"time":1,"name":"gateway","msg":"serving","url":"http://127.0.0.1:1"}',
    'serving url=http://127.0.0.1:1',
  ],
  [
    'an error is marked, with its message and not its stack',
    '{"level":50,"msg":"cannot ship","err":{"message":"connection refused","stack":"at x"}}',
    'error: cannot ship err="connection refused"',
  ],
  ['a warning is marked', '{"level":40,"msg":"slow","ms":12}', 'warning: slow ms=12'],
  ['JSON that is not a log line stays as it is', '{"a":1}', '{"a":1}'],
  ['half a line stays as it is', '{"level":30,', '{"level":30,'],
])('%s', (_, line, readable) => expect(toReadable(line)).toBe(readable))

test('a reader that stops reading never holds up the writer, and learns how much it missed', async () => {
  const script = `
    import { createOutput } from ${JSON.stringify(join(import.meta.dirname, '../process/output.ts'))}
    const output = createOutput()
    for (let i = 0; i < 30000; i++) output.print('line ' + i + ' ' + 'x'.repeat(100))
    process.send('written')
    process.once('message', async () => { await output.flush(5000); output.print('last'); await output.flush(5000); process.exit(0) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.once('message', resolve))
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.send('read')
  expect(await exited).toBe(0)
  expect(text).toMatch(/^line 0 /)
  expect(text).toMatch(/… \d+ lines were dropped, because nobody read them\n/)
  expect(text).toMatch(/last\n$/)
})

test('a process whose output nobody reads can still end', async () => {
  const script = `
    import { createOutput } from ${JSON.stringify(join(import.meta.dirname, '../process/output.ts'))}
    const output = createOutput()
    for (let i = 0; i < 30000; i++) output.print('x'.repeat(100))
    await output.flush(50)
    process.exit(0)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.pause()
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
}, 10_000)
