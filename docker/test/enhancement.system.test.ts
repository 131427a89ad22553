/** From a failing pattern to a better prompt in production, with a person in between, through a real browser. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from './programs.ts'
import { openAnalyst, type Analyst } from './analyst.ts'
import { startProduct, waitFor, type Product } from './product.ts'
import { openUpstream, type Upstream } from './upstream.ts'

let upstream: Upstream
let analyst: Analyst
let product: Product
let browser: BrowserContext
let page: Page
const profile = mkdtempSync(join(tmpdir(), 'sinew-chromium-'))

beforeAll(async () => {
  upstream = await openUpstream()
  analyst = await openAnalyst({
    system: 'Be brief.',
    template: 'Summarise in one sentence, for fail-safe reading: {{input}}',
    reason: 'Long answers are cut.',
    risks: ['Details are lost.'],
  })
  product = await startProduct({
    config: `providers:
  - { name: one, dialect: openai, baseUrl: "${upstream.url}/v1", models: [gpt-test] }
claude: { baseUrl: "${analyst.url}", apiKey: analyst-key, model: claude-sonnet-4-5 }
learning: { enhance: { minExchanges: 5, maxSuccessRate: 0.5 } }`,
  })
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: await findProgram('chromium', process.env),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  page = await browser.newPage()
})
afterAll(async () => {
  await browser?.close()
  expect(await product?.stop()).toBe(0)
  await Promise.all([upstream?.close(), analyst?.close()])
  rmSync(profile, { recursive: true, force: true })
})

const ask = async (text: string): Promise<string> => {
  const client = new OpenAI({ baseURL: `${product.gatewayUrl}/v1`, apiKey: product.callerKey, maxRetries: 0 })
  const { response } = await client.chat.completions
    .create({ model: 'gpt-test', messages: [{ role: 'user', content: text }] })
    .withResponse()
  return response.headers.get('x-sinew-exchange') ?? ''
}

test('a failing pattern appears, Claude proposes, a person approves in the admin, and the next matching request goes out enhanced', async () => {
  await page.goto(`${product.adminUrl}/sign-in#token=${product.adminToken}`)
  await page
    .getByRole('link', { name: /enhancements/i })
    .first()
    .waitFor()

  for (let number = 0; number < 6; number++) await ask(`Summarise this for me: report ${number} of things that fail`)
  await page.goto(`${product.adminUrl}/patterns`)
  await page.getByText('Summarise this for me').first().waitFor()

  const proposed = await waitFor(
    async () => (await product.query('enhancements.list', {})).items.find((item: any) => item.state === 'proposed'),
    'a proposal is filed',
  )
  expect(analyst.asked[0].tool_choice).toMatchObject({ type: 'tool', name: 'propose_enhancement' })
  expect(proposed).toMatchObject({ version: 1, reason: 'Long answers are cut.', original: { system: null } })

  // Whatever dies while it waits for a person, nothing is lost.
  for (const name of ['learner', 'temporal', 'control'] as const) {
    const pid = product.pid(name)
    process.kill(pid, 'SIGKILL')
    await waitFor(() => ![0, pid].includes(product.pid(name)), `${name} is started again`)
  }
  await waitFor(
    () =>
      fetch(product.adminUrl).then(
        (response) => response.ok,
        () => false,
      ),
    'the admin answers again',
  )

  await page.goto(`${product.adminUrl}/enhancements/${proposed.id}`)
  await page.getByText('Long answers are cut.').first().waitFor()
  await page
    .getByRole('button', { name: /approve/i })
    .first()
    .click()
  await page.getByRole('dialog').getByLabel('Serve it to everybody').check()
  await page.getByRole('dialog').getByLabel('Reason').fill('The evidence is plain.')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /approve/i })
    .click()
  await waitFor(
    async () => (await product.query('enhancements.get', { id: proposed.id })).state === 'approved',
    'the decision stands',
  )

  const calls = upstream.ledger.length
  const id = await ask('Summarise this for me: the latest report of things that fail')
  expect(upstream.ledger).toHaveLength(calls + 1)
  expect(upstream.ledger[calls]?.body.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: 'Summarise in one sentence, for fail-safe reading: the latest report of things that fail',
    },
  ])

  const record = await waitFor(
    () =>
      product.query('exchanges.get', { id }).then(
        (found) => (found.outcome ? found : null),
        () => null,
      ),
    'the enhanced exchange is learned from',
  )
  expect(record.enhancementId).toBe(proposed.id)
  expect(JSON.stringify(record.original)).toContain('Summarise this for me')
  expect(JSON.stringify(record.sent)).toContain('Summarise in one sentence')

  await page.goto(`${product.adminUrl}/exchanges/${id}`)
  await page.getByText('Summarise in one sentence').first().waitFor()
})

test('a rejected proposal is never asked for again for the same template', async () => {
  for (let number = 0; number < 6; number++) await ask(`Translate all of it: page ${number} must fail`)
  const proposed = await waitFor(
    async () => (await product.query('enhancements.list', {})).items.find((item: any) => item.state === 'proposed'),
    'a second proposal is filed',
  )
  const asked = analyst.asked.length
  const rejected = await product.mutate('enhancements.reject', {
    id: proposed.id,
    version: proposed.version,
    reason: 'Too short.',
  })
  expect(rejected.state).toBe('rejected')
  await expect(
    product.mutate('enhancements.reject', { id: proposed.id, version: proposed.version, reason: 'Again.' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' })
  const ids = await Promise.all([6, 7, 8, 9].map((number) => ask(`Translate all of it: page ${number} must fail`)))
  for (const id of ids)
    await waitFor(
      () =>
        product.query('exchanges.get', { id }).then(
          (found) => found.outcome,
          () => null,
        ),
      'it is learned from',
    )
  expect(analyst.asked).toHaveLength(asked)
})
