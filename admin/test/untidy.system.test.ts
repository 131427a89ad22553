/** The admin in untidy conditions, in a real browser: lost sessions, frozen servers, narrow windows, large text. */
import type { Page } from 'playwright-core'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../gateway/control/test/admin.ts'
import { findPageFaults, openSignedInStage, token, type Stage } from './browser.ts'

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await openSignedInStage()
})
afterEach(async () => {
  await page?.close()
  expect(stage.faults.splice(0)).toEqual([])
})
afterAll(() => stage?.close())

const shown = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
const path = (): string => page.url().slice(stage.url.length)
const notify = (channel: string, payload = '1'): Promise<unknown> =>
  stage.seed.client.query('select pg_notify($1, $2)', [channel, payload])
const row = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>> =>
  (await stage.seed.client.query(text, values)).rows[0] ?? {}

test('serving at once asks for its reason; what is served can be taken back where it is shown, and says by whom', async () => {
  const patternId = await stage.seed.pattern({ title: 'Serve me' })
  const id = await stage.seed.enhancement({ patternId })
  page = await stage.open(`/enhancements/${id}`)
  await page.getByRole('button', { name: /approve/i }).waitFor()
  await page.keyboard.press('a')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Serve it to everybody').check()
  await dialog.getByRole('button', { name: 'Approve' }).click()
  expect(await row('select state from enhancements where id = $1', [id])).toEqual({ state: 'proposed' })
  await dialog.getByLabel('Reason').fill('Nothing can go wrong.')
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await shown(/^Approved\. Everybody gets it/)
  await shown('to everybody')
  await page.getByRole('button', { name: 'Take it back' }).click()
  await dialog.getByRole('button', { name: 'Complaints' }).click()
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await shown(/^Taken back\./)
  await shown(/by admin/)
  await shown('to nobody')
  expect(
    await row('select state, withdrawn_by, failure, decision_reason from enhancements where id = $1', [id]),
  ).toEqual({
    state: 'withdrawn',
    withdrawn_by: 'admin',
    failure: 'Complaints',
    decision_reason: 'Nothing can go wrong.',
  })
  // The pattern's page has the same button.
  const next = await stage.seed.enhancement({ patternId, patternVersion: 2, state: 'approved' })
  await stage.seed.client.query(`update enhancements set mode = 'serve', decided_by = 'maria' where id = $1`, [next])
  await page.goto(`${stage.url}/patterns/${patternId}`)
  await page.getByRole('button', { name: 'Take it back' }).click()
  await dialog.getByLabel('Reason').fill('Too dear.')
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await shown(/^Taken back\./)
  expect(await row('select state from enhancements where id = $1', [next])).toEqual({ state: 'withdrawn' })
})

test('the record names who did what: the one who approved, and nobody where a guardrail took it back', async () => {
  const id = await stage.seed.enhancement({
    patternId: await stage.seed.pattern({ title: 'Guarded' }),
    state: 'withdrawn',
  })
  await stage.seed.client.query(
    `update enhancements set mode = 'experiment', decided_by = 'maria', decided_at = now(), withdrawn_at = now(), failure = 'its experiment ended: the guardrail mean_cost was crossed' where id = $1`,
    [id],
  )
  page = await stage.open(`/enhancements/${id}`)
  await shown('approved by maria')
  await shown(/by Sinew by itself/)
  await shown(/the guardrail “mean cost” was crossed/)
  await page.goto(`${stage.url}/enhancements?state=withdrawn`)
  await shown(/withdrawn by Sinew by itself/)
  expect(await page.getByText('withdrawn by maria').count()).toBe(0)
})

test('what was written survives a lost session, a step to another page and a reload, until it is sent', async () => {
  page = await stage.open('/rules/new')
  await page.getByLabel('Name').fill('Half written')
  await page.getByLabel(/^When/).fill('team == "nobody-at-all"')
  await page.getByRole('link', { name: 'Patterns' }).click()
  await page.getByRole('heading', { name: 'Patterns' }).waitFor()
  await page.goBack()
  await shown('This is what you had written and not sent.')
  expect(await page.getByLabel('Name').inputValue()).toBe('Half written')
  await page.getByLabel('Edits, in order').fill('[{"kind":"set","path":["user"],"value":"shop"}]')
  const cookies = await stage.browser.cookies()
  await stage.browser.clearCookies()
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'New rule' }).waitFor()
  expect(cookies.length).toBeGreaterThan(0)
  expect([await page.getByLabel('Name').inputValue(), await page.getByLabel(/^When/).inputValue()]).toEqual([
    'Half written',
    'team == "nobody-at-all"',
  ])
  // Its test shows nothing, so saving it is a choice of its own.
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByRole('alert').filter({ hasText: 'holds for none of the' }).waitFor()
  expect(await row(`select count(*)::int as count from transformations`)).toEqual({ count: 0 })
  await page.getByRole('button', { name: 'Save it untested' }).click()
  await shown(/^Saved\. /)
  expect(path()).toMatch(/^\/rules\/[0-9a-f-]{36}$/)
  await page.reload()
  await page.getByRole('heading', { name: 'Half written' }).waitFor()
  expect(await page.getByText(/^Saved\. /).count()).toBe(0)
  expect(await page.getByText('This is what you had written').count()).toBe(0)
})

test('a removed rule stays readable under its address, and is found among the removed ones', async () => {
  const { id } = await row(`select id from transformations where rule_name = 'Half written'`)
  page = await stage.open(`/rules/${String(id)}`)
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Done with it')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('Removed rules').click()
  await page.getByRole('link', { name: 'Half written' }).click()
  await shown(/Removed by admin/)
  await shown(/Done with it/)
  await shown('team == "nobody-at-all"')
  expect(await page.getByRole('button', { name: /save|remove/i }).count()).toBe(0)
  expect(await page.evaluate(findPageFaults)).toEqual([])
})

/** Links of the menu that are cut off or lie on each other, and icons under labels. */
function findMenuFaults(): string[] {
  const faults: string[] = []
  const boxes = [...document.querySelectorAll<HTMLElement>('nav[aria-label=Main] a')].map((link) => {
    const [icon, label] = [...link.children].map((part) => part.getBoundingClientRect())
    if (
      icon &&
      label &&
      label.width > 2 &&
      icon.right > label.left + 1 &&
      icon.bottom > label.top + 1 &&
      icon.top < label.bottom - 1
    )
      faults.push(`icon under label: ${link.textContent}`)
    if (icon && icon.left < 0) faults.push(`cut off: ${link.textContent}`)
    return link.getBoundingClientRect()
  })
  boxes.slice(1).forEach((box, index) => {
    const before = boxes[index] as DOMRect
    if (box.left < before.right - 1 && box.top < before.bottom - 1)
      faults.push(`link ${index + 1} lies on the one before`)
  })
  return faults
}

test.each([390, 640, 700, 760, 1024])('at %i px no entry of the menu is cut off or covered', async (width) => {
  page = await stage.open('/patterns')
  await page.setViewportSize({ width, height: 800 })
  await page.getByRole('heading', { name: 'Patterns' }).waitFor()
  expect(await page.evaluate(findMenuFaults)).toEqual([])
  expect(await page.evaluate(findPageFaults)).toEqual([])
})

test.each(['/exchanges', '/patterns'])(
  'at twice the text size %s loses nothing: each row still says what it is of',
  async (place) => {
    const patternId = await stage.seed.pattern({ title: 'A pattern to be read at any size' })
    await stage.seed.exchange({ patternId, model: 'a-model-to-be-read' })
    page = await stage.open(place)
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.locator('a.row-link').first().waitFor()
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
    const name = page
      .getByText(place === '/exchanges' ? 'a-model-to-be-read' : 'A pattern to be read at any size')
      .first()
    await waitFor(async () => ((await name.boundingBox())?.width ?? 0) > 160, 'the name has room')
    expect(await page.evaluate(findPageFaults)).toEqual([])
    if (place === '/exchanges')
      expect(
        (await page.getByText('A pattern to be read at any size').first().boundingBox())?.width ?? 0,
      ).toBeGreaterThan(160)
  },
)

test('a frozen server is said while a page is waited for, and the page comes once it goes on', async () => {
  const fresh = await stage.browser.newPage()
  page = fresh
  await page.goto(`${stage.url}/system`)
  await page.getByRole('heading', { name: 'System' }).waitFor()
  stage.freezeControl(true)
  try {
    await page.getByRole('link', { name: 'Experiments' }).click()
    await page
      .getByText(/does not answer|has not answered/)
      .first()
      .waitFor({ timeout: 20_000 })
  } finally {
    stage.freezeControl(false)
  }
  await page.getByRole('heading', { name: 'Experiments' }).waitFor({ timeout: 30_000 })
  stage.faults.splice(0)
}, 90_000)

test('Space pauses the list and resumes it', async () => {
  page = await stage.open('/exchanges')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.keyboard.press('Space')
  await page.getByText('Paused', { exact: true }).waitFor()
  await page.keyboard.press('Space')
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await page.evaluate(() => window.scrollY)).toBe(0)
})

test('a dialog opens on its first field, and icons stay visible under forced colours', async () => {
  page = await stage.open(`/patterns/${await stage.seed.pattern({ title: 'Name me' })}`)
  await page.emulateMedia({ forcedColors: 'active' })
  await page.getByRole('button', { name: 'Rename' }).click()
  const focused = () => page.evaluate(() => document.activeElement?.tagName)
  await waitFor(async () => (await focused()) === 'INPUT', 'the field has the focus')
  const icon = await page
    .getByRole('dialog')
    .locator('.i-lucide-x')
    .evaluate((element) => {
      const { forcedColorAdjust, backgroundColor } = getComputedStyle(element)
      return [forcedColorAdjust, backgroundColor !== 'rgba(0, 0, 0, 0)']
    })
  expect(icon).toEqual(['none', true])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Write a better prompt' }).click()
  await waitFor(async () => (await focused()) === 'TEXTAREA', 'the text has the focus')
})

test('a page asks for its data once; a nudge makes it ask again only for what has changed', async () => {
  page = await stage.browser.newPage()
  const asked: string[] = []
  page.on('request', (request) => {
    const procedures = /\/trpc\/([^?]+)/.exec(request.url())?.[1] ?? ''
    asked.push(...procedures.split(',').filter((name) => name !== ''))
  })
  const count = (name: string): number => asked.filter((one) => one === name).length
  await page.goto(`${stage.url}/patterns`)
  await page.locator('a.row-link').first().waitFor()
  await waitFor(() => count('system.changes') === 1 && count('enhancements.count') === 1, 'everything is asked for')
  await notify('sinew_learning', 'enhancements')
  await waitFor(() => count('enhancements.count') === 2, 'the count is asked for again')
  await notify('sinew_learning', 'experiments')
  await notify('sinew_learning', 'enhancements')
  await waitFor(() => count('enhancements.count') === 3, 'and again')
  expect(count('enhancements.list')).toBe(0)
  await page.goto(`${stage.url}/exchanges`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.locator('a.row-link').first().waitFor()
  expect(count('exchanges.list')).toBe(1)
})

test('why a pattern fails is counted, and leads to those exchanges; an arm is named and filtered', async () => {
  const patternId = await stage.seed.pattern({ title: 'Fails for reasons' })
  const id = await stage.seed.exchange({ patternId, model: 'reasons-a', verdict: 'failure', content: 'zebra crossing' })
  await stage.seed.exchange({ patternId, model: 'reasons-b', verdict: 'success' })
  await stage.seed.client.query(
    `update requests set outcome_reasons = '[{"code":"invalid_json","message":"not JSON"}]' where id = $1`,
    [id],
  )
  await stage.seed.client.query(
    `insert into experiment_exchanges (experiment_id, version, exchange_id, unit, arm, at) values ($1, 1, $2, 'u', 'treatment', now())`,
    [v7(), id],
  )
  page = await stage.open(`/patterns/${patternId}`)
  const why = page.getByRole('region', { name: /Why it fails/ })
  await why.getByText('The answer is not the JSON that was asked for').waitFor()
  await why.getByRole('link', { name: 'Only failures' }).click()
  await shown('reasons-a')
  expect(await page.getByText('reasons-b').count()).toBe(0)
  await page.goto(`${stage.url}/exchanges?arm=treatment&text=ZEBRA&key=demo`)
  await shown('reasons-a')
  await page.locator('a.row-link').first().click()
  await page.getByRole('link', { name: 'treatment arm' }).waitFor()
})

test('pages whose numbers are old say how far learning is behind', async () => {
  await stage.seed.client.query(
    `update requests set workflow_started_at = now() - interval '10 minutes', finished_at = now() - interval '10 minutes', learned_at = null
     where id = (select id from requests order by id limit 1)`,
  )
  for (const place of ['/patterns', '/exchanges', '/enhancements', '/experiments', '/system']) {
    page = await stage.open(place)
    await shown(/Learning (is|stands still).*/)
    await shown(/10 min/)
    await page.close()
  }
})
