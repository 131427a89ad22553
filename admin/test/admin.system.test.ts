/**
 * What a person does in the admin, in a real browser, from signing in to a decision. Long, because all of it shares one
 * stage, which takes longer to bring up than any of the tests.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../gateway/control/test/admin.ts'
import { findPageFaults, openStage, token, type Stage } from './browser.ts'

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await openStage()
})
afterEach(async () => {
  await page?.close()
  expect(stage.faults.splice(0)).toEqual([])
})
afterAll(() => stage?.close())

const notify = (channel: string): Promise<unknown> =>
  stage.seed.client.query('select pg_notify($1, $2)', [channel, '1'])
const shown = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
const path = (): string => page.url().slice(stage.url.length)

test('all scripts of the pages together stay below the budget of the first screen', () => {
  const folder = join(import.meta.dirname, '../dist/assets')
  const sizes = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => gzipSync(readFileSync(join(folder, name))).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000)
})

test('with nothing recorded the page says what to do, in a command that this configuration answers', async () => {
  page = await stage.open(`/sign-in#token=${token}`)
  await shown('No exchange yet')
  await shown('"model":"sim/story"')
})

test('a link signs in, leaves no token behind, and leads on', async () => {
  page = await stage.open(`/sign-in?next=%2Fpatterns#token=${token}`)
  await page.getByRole('heading', { name: 'Patterns' }).waitFor()
  expect(path()).toBe('/patterns')
  await page.goBack()
  expect(page.url()).not.toContain(token)
  await page.goto(`${stage.url}/system`)
  await page.getByRole('button', { name: /sign out/i }).click()
  await page.getByLabel('Token').waitFor()
  expect(path()).toBe('/sign-in?next=%2Fsystem')
  await page.getByLabel('Token').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'System' }).waitFor()
})

test('an exchange appears while one looks, with its pattern and outcome as soon as they are learned', async () => {
  page = await stage.open('/exchanges')
  await page.getByText('Live', { exact: true }).waitFor()
  const id = await stage.seed.exchange({ model: 'live-model' })
  await notify('sinew_exchanges')
  const row = page.getByRole('row').filter({ hasText: 'live-model' })
  await row.waitFor()
  const patternId = await stage.seed.pattern({ title: 'Learned just now' })
  await stage.seed.client.query(`update requests set pattern_id = $1, verdict = 'failure' where id = $2`, [
    patternId,
    id,
  ])
  await notify('sinew_learning')
  await row.getByText('Learned just now').first().waitFor()
  await row.getByText('failed').first().waitFor()
})

test('a paused list stands still and counts what waits; resuming shows all of it', async () => {
  page = await stage.open('/exchanges')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.keyboard.press('Space')
  await page.getByText('Paused', { exact: true }).waitFor()
  for (let number = 0; number < 3; number++) await stage.seed.exchange({ model: `waits-${number}` })
  await notify('sinew_exchanges')
  const resume = page.getByRole('button', { name: '3 new' })
  await resume.waitFor()
  expect(await page.getByText('waits-1').count()).toBe(0)
  await resume.click()
  for (let number = 0; number < 3; number++) await shown(`waits-${number}`)
})

test('filters live in the URL: a link shows the same, Back takes the last one away', async () => {
  await stage.seed.exchange({ model: 'filter-a', status: 'error', httpStatus: 500 })
  await stage.seed.exchange({ model: 'filter-a' })
  await stage.seed.exchange({ model: 'filter-b' })
  page = await stage.open('/exchanges')
  await shown('filter-b')
  await page.keyboard.press('/')
  await page.keyboard.type('filter-a')
  await page.keyboard.press('Enter')
  await waitFor(async () => (await page.getByText('filter-b').count()) === 0, 'the other model is gone')
  await page.getByLabel('Status').selectOption('error')
  await waitFor(
    async () => (await page.getByRole('row').filter({ hasText: 'filter-a' }).count()) === 1,
    'only the error is left',
  )
  const url = page.url()
  await page.goBack()
  await waitFor(
    async () => (await page.getByRole('row').filter({ hasText: 'filter-a' }).count()) === 2,
    'both are back',
  )
  await page.goto(url)
  await waitFor(
    async () => (await page.getByRole('row').filter({ hasText: 'filter-a' }).count()) === 1,
    'the link shows the same',
  )
  await page.getByLabel('Model').fill('nobody')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await shown('filter-b')
})

test('one exchange, opened by keys: both requests, the answer and the way to its workflow', async () => {
  const original = JSON.stringify({ messages: [{ role: 'user', content: 'Summarise this for me: {a} <b>bold</b>' }] })
  const id = await stage.seed.exchange({
    model: 'detail-model',
    original,
    sent: original.replace('for me', 'in one sentence'),
    content: 'The answer itself.',
  })
  page = await stage.open('/exchanges?model=detail-model')
  await shown('detail-model')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await shown('Summarise this in one sentence: {a} <b>bold</b>')
  await shown('Summarise this for me: {a} <b>bold</b>')
  await shown('The answer itself.')
  expect(await page.getByRole('link', { name: /workflow in temporal/i }).getAttribute('href')).toBe(
    `http://temporal.test/namespaces/default/workflows/exchange%2F${id}`,
  )
  expect(await page.locator('ins').allTextContents()).toEqual(['in one sentence'])
  expect(await page.locator('del').allTextContents()).toEqual(['for me'])
})

test('three keys from the inbox to an approval; who comes later is told, and sees the truth', async () => {
  const patternId = await stage.seed.pattern({ title: 'Approve me' })
  const id = await stage.seed.enhancement({ patternId, reason: 'Answers were cut.' })
  page = await stage.open(`/enhancements/${id}`)
  await shown('Answers were cut.')
  const other = await stage.open('/enhancements')
  await other.getByText('Approve me').first().waitFor()
  await other.keyboard.press('j')
  await other.keyboard.press('Enter')
  await other.getByRole('button', { name: /approve/i }).waitFor()
  // The first person has the dialog open while the second one decides.
  await page
    .getByRole('button', { name: /reject/i })
    .first()
    .click()
  await other.keyboard.press('a')
  await other.getByRole('dialog').waitFor()
  await other.keyboard.press('Enter')
  await other.getByText(/Approved\. /).waitFor()
  const { rows } = await stage.seed.client.query('select state, mode, decided_by from enhancements where id = $1', [id])
  expect(rows).toEqual([{ state: 'approved', mode: 'experiment', decided_by: 'admin' }])
  await page.getByLabel('Reason').fill('Too late')
  await page.getByRole('dialog').getByRole('button', { name: 'Reject', exact: true }).click()
  await shown(/was approved by admin already/)
  await other.close()
})

/** As a look of its workflow leaves it. */
async function seedExperiment(title: string, state: string): Promise<string> {
  const enhancementId = await stage.seed.enhancement({
    patternId: await stage.seed.pattern({ title }),
    state: 'approved',
  })
  const id = v7()
  const settings = {
    direction: 'maximise',
    alpha: 0.05,
    expectedUnits: 2000,
    minimumPairs: 50,
    maximumPairs: 5000,
    ramp: [0.01, 0.05, 0.25, 0.5],
    stepMs: 3_600_000,
    stepUnits: 30,
    windowMs: 86_400_000,
    minimumRunMs: 86_400_000,
    maximumRunMs: 1_209_600_000,
    holdback: 0.05,
    holdbackMs: 1_209_600_000,
    guardrailAlpha: 0.01,
    fleetLevel: 0.05,
    fleetPeriodMs: 7_776_000_000,
    costIncrease: 0.25,
  }
  const guardrails = [
    { name: 'error', pairs: 510, control: 4, treatment: 5, logE: -1.2, state: 'ok', note: null },
    {
      name: 'dear',
      pairs: 0,
      control: 0,
      treatment: 0,
      logE: 0,
      state: 'unknown',
      note: 'no price is known, so no cost',
    },
  ]
  const evaluation = {
    exposed: { control: 520, treatment: 515, mixed: 0 },
    pairs: 500,
    effect: 0.14,
    direction: 'better',
    sequence: { difference: 0.14, halfWidth: 0.09, logE: 6 },
    sampleRatio: { logFactor: -2, alarm: false },
    guardrails,
  }
  await stage.seed.client.query(
    `insert into experiments (id, created_by, team, pattern_id, enhancement_id, salt, state, step, metric, settings, started_at, evaluation, guardrails)
     select $1::uuid, 'admin', 'default', pattern_id, id, 'salt', $2, 3, 'success', $3, now() - interval '2 days', $4, $5 from enhancements where id = $6`,
    [id, state, JSON.stringify(settings), JSON.stringify(evaluation), JSON.stringify(guardrails), enhancementId],
  )
  for (const [pairs, difference, halfWidth] of [
    [100, 0.2, 0.3],
    [250, 0.16, 0.15],
    [500, 0.14, 0.09],
  ]) {
    await stage.seed.client.query(
      'insert into experiment_looks (experiment_id, version, pairs, at, difference, half_width, control, treatment) values ($1, 1, $2, now(), $3, $4, $2, $2)',
      [id, pairs, difference, halfWidth],
    )
  }
  return id
}

test('U5: an experiment shows its verdict in one sentence, its interval over time and its guardrails; a roll-back is two clicks', async () => {
  const id = await seedExperiment('Try me', 'won')
  page = await stage.open('/experiments')
  await page.getByRole('link', { name: 'Try me' }).click()
  await shown('Better: +14.0 points, 95 % always-valid interval +5.0 points … +23.0 points. A person may promote it.')
  await shown(/The number at a stop is optimistic; the hold-back after promotion says what it is worth/)
  await page
    .getByRole('img', { name: /^Effect over 500 pairs: 14\.0 points, between 5\.0 points and 23\.0 points$/ })
    .waitFor()
  await shown('unknown: no price is known, so no cost')
  await page.getByRole('button', { name: 'Roll back now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back now' }).click()
  await shown(/^Rolled back by admin\.$/)
  expect((await stage.seed.client.query('select state from experiments where id = $1', [id])).rows).toEqual([
    { state: 'rolled_back' },
  ])
  // What is over is over: no effect is shown as if it counted, and there is nothing more to do.
  expect(await page.getByRole('img', { name: /Effect/ }).count()).toBe(0)
  expect(await page.getByRole('button', { name: /roll back|promote/i }).count()).toBe(0)
})

test('a rejection needs its reason', async () => {
  const id = await stage.seed.enhancement({ patternId: await stage.seed.pattern({ title: 'Reject me' }) })
  page = await stage.open(`/enhancements/${id}`)
  await page
    .getByRole('button', { name: /reject/i })
    .first()
    .waitFor()
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Reject', exact: true }).click()
  expect(await dialog.isVisible()).toBe(true)
  await dialog.getByRole('button', { name: 'Changes the meaning' }).click()
  await dialog.getByRole('button', { name: 'Reject', exact: true }).click()
  await shown(/Rejected\. /)
  const { rows } = await stage.seed.client.query('select state, decision_reason from enhancements where id = $1', [id])
  expect(rows).toEqual([{ state: 'rejected', decision_reason: 'Changes the meaning' }])
})

test('a person writes a better prompt, edits it, and puts it off; what is wrong with a text is said beside it', async () => {
  const patternId = await stage.seed.pattern({ title: 'Write me' })
  page = await stage.open(`/patterns/${patternId}`)
  await page.getByRole('button', { name: 'Write a better prompt' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User text').fill('Summarise.')
  await dialog.getByRole('button', { name: 'Propose' }).click()
  await dialog.getByText(/loses the slot input/).waitFor()
  expect(await findAccessibilityFaults(page)).toEqual([])
  await dialog.getByLabel('User text').fill('Summarise in one line: {{input}}')
  await dialog.getByLabel('Why it will work better').fill('Shorter answers.')
  await dialog.getByRole('button', { name: 'Propose' }).click()
  await page.getByRole('heading', { name: 'Checked' }).waitFor()
  await shown('every slot is kept')
  await page.keyboard.press('e')
  await page.getByRole('dialog').getByLabel('System prompt').fill('Be brief.')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await shown(/Edited\. /)
  await page.keyboard.press('s')
  await page.getByRole('dialog').getByLabel('For a week').check()
  expect(await findAccessibilityFaults(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click()
  await shown(/Snoozed\. /)
  const { rows } = await stage.seed.client.query(
    `select state, version, requested_by, edited_by, enhanced_prompt, snoozed_until > now() + interval '6 days' as later from enhancements where pattern_id = $1`,
    [patternId],
  )
  expect(rows).toEqual([
    {
      state: 'snoozed',
      version: 3,
      requested_by: 'admin',
      edited_by: 'admin',
      enhanced_prompt: { system: 'Be brief.', template: 'Summarise in one line: {{input}}' },
      later: true,
    },
  ])
  await page.goto(`${stage.url}/enhancements?state=snoozed`)
  await shown('Write me')
  await shown(/comes back/)
})

test('a reanalysis is started, followed and cancelled', async () => {
  page = await stage.open('/reanalysis')
  await page.getByLabel('Team').fill('nobody')
  await page.getByRole('button', { name: 'Estimate' }).click()
  await shown(/^0 exchanges .*nothing is sent to Claude/)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await shown('queued')
  await stage.seed.client.query(`update reanalyses set state = 'running', total = 40, done = 10`)
  await shown('10 of 40 done')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await shown('Cancelling …')
  const failed = await stage.seed.exchange()
  await stage.seed.client.query(
    `insert into reanalysis_failures (reanalysis_id, exchange_id, reason) select id, $1, 'it cannot be judged' from reanalyses`,
    [failed],
  )
  await stage.seed.client.query(`update reanalyses set state = 'cancelled', failed = 1`)
  await shown(/what was done stays/)
  await page.getByText('What failed').click()
  await shown('it cannot be judged')
  await page.getByRole('button', { name: 'Try failed again' }).click()
  await shown('queued')
})

test('what was found of a pattern stands on its page and on the system page, until it is put aside', async () => {
  const patternId = await stage.seed.pattern({ title: 'Fell lately' })
  await stage.seed.client.query(
    `insert into findings (id, kind, subject, pattern_id, message) values ($1::uuid, 'drift', $1::text, $2, 'success fell from 90 % to 40 %')`,
    [v7(), patternId],
  )
  page = await stage.open(`/patterns/${patternId}`)
  await shown('success fell from 90 % to 40 %')
  await page.goto(`${stage.url}/system`)
  await page.getByRole('region', { name: 'Findings' }).getByRole('link', { name: 'Fell lately' }).waitFor()
  await page.getByRole('button', { name: 'Put aside' }).click()
  await shown(/Nothing to report/)
})

test('prompts go to an analyst once a person has seen where to, and to nobody once it is switched off', async () => {
  await stage.killControl()
  await stage.startControl({ ANTHROPIC_API_KEY: 'never-shown' })
  page = await stage.open('/system')
  await page.setViewportSize({ width: 320, height: 800 })
  const analyst = page.getByRole('region', { name: 'Analyst' })
  await analyst.getByLabel('Provider').selectOption('anthropic')
  await analyst.getByLabel('Model').fill('claude-chosen')
  expect(await page.evaluate(findPageFaults)).toEqual([])
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('api.anthropic.com').waitFor()
  expect(await page.evaluate(findPageFaults)).toEqual([])
  expect((await stage.seed.client.query('select key from settings')).rows).toEqual([])
  await dialog.getByRole('button', { name: 'Switch on' }).click()
  await analyst.getByText(/switched on by admin/).waitFor()
  expect((await stage.seed.client.query('select value, updated_by from settings')).rows).toEqual([
    { value: { provider: 'anthropic', model: 'claude-chosen' }, updated_by: 'admin' },
  ])
  expect(await page.evaluate(findPageFaults)).toEqual([])
  await analyst.getByRole('button', { name: 'Switch off' }).click()
  await analyst.getByText(/Switched off by admin/).waitFor()
  expect((await stage.seed.client.query('select value from settings')).rows).toEqual([{ value: null }])
  await page.close()
  await stage.killControl()
  await stage.startControl()
})

test('letters typed into a field are text, and shortcuts can be switched off', async () => {
  page = await stage.open('/exchanges')
  await page.getByLabel('Model').click()
  await page.keyboard.type('jk? g')
  expect(await page.getByLabel('Model').inputValue()).toBe('jk? g')
  await page.getByRole('heading', { name: 'Exchanges' }).click()
  await page.keyboard.press('?')
  await page
    .getByRole('dialog')
    .getByLabel(/single-key/i)
    .uncheck()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await page.keyboard.press('?')
  expect([path().split('?')[0], await page.getByRole('dialog').isVisible()]).toEqual(['/exchanges', false])
  await page.evaluate(() => localStorage.clear())
})

test('when PostgreSQL or control goes, the page says so, keeps what it shows, and goes on by itself without gaps', async () => {
  page = await stage.open('/exchanges')
  await page.getByText('Live', { exact: true }).waitFor()
  await stage.seed.exchange({ model: 'before-outage' })
  await notify('sinew_exchanges')
  await shown('before-outage')
  stage.wire.set('closed')
  await page.getByText('Reconnecting', { exact: true }).waitFor()
  expect(await page.getByText('before-outage').count()).toBeGreaterThan(0)
  await stage.seed.exchange({ model: 'during-outage' })
  stage.wire.set('open')
  await shown('during-outage')
  await page.getByText('Live', { exact: true }).waitFor()
  await stage.killControl()
  await page.getByText('Reconnecting', { exact: true }).waitFor()
  await stage.seed.exchange({ model: 'while-dead' })
  await stage.startControl()
  await shown('while-dead')
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await page.getByRole('row').filter({ hasText: 'while-dead' }).count()).toBe(1)
  stage.faults.splice(0)
}, 120_000)

test('nothing that prompts, answers and names hold is ever markup, a request or hidden', async () => {
  const corpus = `<img src=x onerror=alert(1)><script>alert(2)</script>"'><svg onload=alert(3)>[x](javascript:alert(4)) \u202Eevil\u200B {{input}}`
  const patternId = await stage.seed.pattern({ title: corpus, template: { system: corpus, template: corpus } })
  const enhancementId = await stage.seed.enhancement({
    patternId,
    original: { system: corpus, template: corpus },
    enhanced: { system: `new ${corpus}`, template: null },
    reason: corpus,
    risks: [corpus],
  })
  const id = await stage.seed.exchange({
    patternId,
    model: corpus,
    requestedModel: corpus,
    provider: corpus,
    content: corpus,
    verdict: 'failure',
    verdictReason: corpus,
    toolCalls: [{ name: corpus, arguments: corpus }],
    original: JSON.stringify({ messages: [{ role: corpus, content: corpus }] }),
    sent: JSON.stringify({ messages: [{ role: corpus, content: `changed ${corpus}` }] }),
    answer: corpus,
    answerHeaders: [[corpus, corpus]],
  })
  for (const place of [
    '/exchanges',
    `/exchanges/${id}`,
    '/patterns',
    `/patterns/${patternId}`,
    '/enhancements',
    `/enhancements/${enhancementId}?diff=split`,
  ]) {
    page = await stage.open(place)
    await shown(/onerror=alert/)
    await shown('⟨U+202E⟩evil⟨U+200B⟩')
    expect(
      await page.locator('main img, main script, main svg[onload], main a[href^="javascript"]').count(),
      place,
    ).toBe(0)
    await page.close()
  }
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds against WCAG 2.2 AA: the floor, not the bar. */
async function findAccessibilityFaults(at: Page): Promise<string[]> {
  // Evaluated, not inserted: the page's own policy allows no foreign script.
  await at.evaluate(axe)
  return at.evaluate(async () => {
    const tool = (
      globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
    ).axe
    const { violations } = await tool.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
  })
}

test.each([
  [1440, 'light'],
  [320, 'light'],
  [1440, 'dark'],
  [320, 'dark'],
] as const)(
  'every page at %i px, %s: nothing beyond the edge, and no fault that axe can find',
  async (width, colorScheme) => {
    const patternId = await stage.seed.pattern({
      title: 'A pattern with a name that is much too long for a small screen, and goes on and on',
    })
    const enhancementId = await stage.seed.enhancement({ patternId })
    const id = await stage.seed.exchange({
      patternId,
      model: 'a-model-with-a-name-that-is-much-too-long-for-a-small-screen-2026-01-01',
    })
    page = await stage.open('/exchanges')
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    for (const place of [
      '/exchanges',
      '/exchanges?model=nobody',
      `/exchanges/${id}`,
      '/exchanges/01a00000-0000-7000-8000-000000000000',
      '/patterns',
      `/patterns/${patternId}`,
      '/enhancements?state=all',
      `/enhancements/${enhancementId}`,
      '/experiments',
      `/experiments/${await seedExperiment('Reachable', 'running')}`,
      '/reanalysis',
      '/system',
      '/nowhere',
    ]) {
      await page.goto(`${stage.url}${place}`)
      await waitFor(
        async () => (await page.locator('h1').count()) === 1 && (await page.locator('[aria-busy=true]').count()) === 0,
        `${place} is loaded`,
      )
      expect(await page.evaluate(findPageFaults), place).toEqual([])
      expect(await findAccessibilityFaults(page), place).toEqual([])
    }
  },
)
