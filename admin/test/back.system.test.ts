/** Lists that stand still in a real browser: Back finds them as they were left, and arrivals move nothing. */
import type { Page } from 'playwright-core'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../gateway/control/test/admin.ts'
import { openSignedInStage, type Stage } from './browser.ts'

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
const query = (text: string, values: unknown[] = []): Promise<unknown> => stage.seed.client.query(text, values)
const notify = (channel: string, payload = '1'): Promise<unknown> =>
  query('select pg_notify($1, $2)', [channel, payload])

interface Standing {
  scrollY: number
  /** The link with the focus, how high it stands in the window, and the row around it. */
  href: string | null
  top: number
  row: string | null
}

const stand = (): Promise<Standing> =>
  page.evaluate(() => {
    const link = document.activeElement
    return {
      scrollY: Math.round(window.scrollY),
      href: link?.getAttribute('href') ?? null,
      top: Math.round(link?.getBoundingClientRect().top ?? 0),
      row: link?.closest('tr, li')?.querySelector('a.row-link')?.getAttribute('href') ?? null,
    }
  })

async function goDown(rows: number): Promise<Standing> {
  await page.locator('a.row-link').nth(rows).waitFor()
  for (let number = 0; number < rows; number++) await page.keyboard.press('j')
  const standing = await stand()
  expect(standing.scrollY).toBeGreaterThan(100)
  return standing
}

async function enter(): Promise<void> {
  const before = path()
  await page.keyboard.press('Enter')
  await waitFor(() => path() !== before, 'another page is there')
  await page.locator('main h1').waitFor()
  await waitFor(async () => (await stand()).scrollY === 0, 'it begins at its top')
}

/** Whoever is back is on the row they were on, at the height where it was. */
const isBackAt = (before: Standing) => async (): Promise<boolean> => {
  const { href, row, top } = await stand()
  return href === before.href && row === before.row && Math.abs(top - before.top) <= 1
}

const rowTexts = (): Promise<string[]> => page.locator('a.row-link').allTextContents()

test('Back leads to where one was in a live list: the same rows, held, scrolled as they were, with the focus on the row', async () => {
  for (let number = 0; number < 45; number++) await stage.seed.exchange({ model: `place-${number}` })
  page = await stage.open('/exchanges?model=place-*')
  const before = await goDown(25)
  const rows = await rowTexts()
  await enter()
  expect(
    await page.evaluate(() => [document.activeElement?.tagName, document.activeElement?.matches(':focus-visible')]),
  ).toEqual(['MAIN', true])
  expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe('none')
  await stage.seed.exchange({ model: 'place-newer' })
  await notify('sinew_exchanges')
  await page.goBack()
  await waitFor(isBackAt(before), 'the row has the focus')
  expect(await stand()).toEqual(before)
  expect([await rowTexts(), path()]).toEqual([rows, '/exchanges?model=place-*'])
  await page.getByText('Paused', { exact: true }).waitFor()

  // What comes now is counted, and moves nobody.
  await stage.seed.exchange({ model: 'place-newest' })
  await notify('sinew_exchanges')
  await page.getByRole('button', { name: /\d+ new/ }).waitFor()
  expect(await stand()).toEqual(before)

  // The page's own way back is the same step, with the filters.
  await enter()
  await page.getByRole('main').getByRole('link', { name: 'Exchanges' }).click()
  await waitFor(isBackAt(before), 'the row has the focus again')
  expect(path()).toBe('/exchanges?model=place-*')

  // After a reload the newest are there too; the row is still where it was.
  await page.reload()
  await shown('place-newest')
  await waitFor(isBackAt(before), 'the row has the focus after a reload')
})

test('Back from an older page of a list leads to the row on the newer one; forward again to the older one', async () => {
  for (let number = 0; number < 55; number++) await stage.seed.exchange({ model: `older-${number}` })
  page = await stage.open('/exchanges?model=older-*')
  await page.locator('a.row-link').nth(49).waitFor()
  const rows = await rowTexts()
  await page.getByRole('link', { name: 'Older', exact: true }).focus()
  const before = await stand()
  await page.keyboard.press('Enter')
  await shown('older-0')
  await page.locator('a.row-link').nth(2).focus()
  const older = await stand()
  await enter()
  await page.goBack()
  await waitFor(isBackAt(older), 'the older row has the focus')
  await stage.seed.exchange({ model: 'older-not' })
  await page.goBack()
  await waitFor(isBackAt(before), 'the link to the older ones has the focus')
  expect(await rowTexts()).toEqual(rows)
  await page.goForward()
  await shown('older-0')
  await waitFor(isBackAt(older), 'forward leads there too')
})

test('Back leads to the link one was on, where others lead to the same page', async () => {
  const patternId = await stage.seed.pattern({ title: 'Found twice' })
  for (const subject of ['a', 'b', 'c'])
    await query(
      `insert into findings (id, kind, subject, pattern_id, message) values ($1, 'drift', $2, $3, 'success fell')`,
      [v7(), subject, patternId],
    )
  page = await stage.open('/system')
  await page.getByRole('link', { name: 'Found twice' }).nth(1).click()
  await page.getByRole('heading', { name: 'Found twice' }).waitFor()
  await page.goBack()
  await waitFor(async () => (await stand()).href === `/patterns/${patternId}`, 'the link has the focus')
  const links = page.getByRole('link', { name: 'Found twice' })
  expect(await links.evaluateAll((all) => all.indexOf(document.activeElement as never))).toBe(1)
})

async function fill(list: string): Promise<void> {
  for (let number = 0; number < 30; number++) {
    const patternId = await stage.seed.pattern({ title: `Row ${number}`, frequency: 100 + number })
    if (list !== '/patterns' && list !== '/rules') {
      const id = await stage.seed.enhancement({ patternId })
      if (list === '/experiments')
        await query(
          `insert into experiments (id, created_by, team, pattern_id, enhancement_id, salt, state, step, metric, settings)
           values ($1, 'admin', 'default', $2, $3, 'salt', 'prepared', 0, 'success', '{"steps":[0.5],"alpha":0.05,"minimumPairs":50}')`,
          [v7(), patternId, id],
        )
    }
    if (list === '/rules')
      await query(
        `insert into transformations (id, rule_name, rule_trigger, rule_logic, rule_order, active) values ($1, $2, '{}', '{"edits":[]}', $3, false)`,
        [v7(), `Row ${number}`, number],
      )
  }
}

test.each(['/patterns', '/enhancements', '/experiments', '/rules'])(
  'Back leads to the row one was on in %s, though it is loaded anew and has grown',
  async (list) => {
    await fill(list)
    page = await stage.open(list)
    const before = await goDown(22)
    await enter()
    await stage.seed.pattern({ title: 'Came in the meantime', frequency: 1_000 })
    await notify('sinew_learning', 'patterns')
    await page.goBack()
    await waitFor(isBackAt(before), 'the row has the focus')
    expect(path()).toBe(list)
    // By the menu it is a page like any other.
    await page.getByRole('link', { name: 'System', exact: true }).click()
    await page.getByRole('heading', { name: 'System' }).waitFor()
    await page.locator(`nav a[href="${list}"]`).click()
    await page.locator('a.row-link').nth(22).waitFor()
    expect(await stand()).toMatchObject({ scrollY: 0, href: null })
  },
)

test('a link in a fold is found again: the fold opens', async () => {
  const id = v7()
  await query(
    `insert into transformation_versions (transformation_id, version, change, rule, person)
     values ($1, 1, 'removed', '{"name":"Long gone","order":1,"active":true,"target":"request","condition":"","edits":[]}', 'admin')`,
    [id],
  )
  page = await stage.open('/rules')
  await page.getByText('Removed rules').click()
  await page.getByRole('link', { name: 'Long gone' }).click()
  await page.getByRole('heading', { name: 'Long gone' }).waitFor()
  await page.goBack()
  await waitFor(async () => (await stand()).href === `/rules/${id}`, 'the link has the focus')
  expect(await page.getByRole('link', { name: 'Long gone' }).isVisible()).toBe(true)
})

/** The worst window of shifts, as the measure "cumulative layout shift" has it: gaps under 1 s, at most 5 s. */
async function readShift(): Promise<number> {
  const shifts = await page.evaluate(() => (window as unknown as { shifts: { at: number; value: number }[] }).shifts)
  let [worst, sum, start, last] = [0, 0, -Infinity, -Infinity]
  for (const { at, value } of shifts) {
    if (at - last > 1_000 || at - start > 5_000) [sum, start] = [0, at]
    sum += value
    last = at
    worst = Math.max(worst, sum)
  }
  return worst
}

test('arrivals shift nothing: the live list stays within the layout-shift budget of 0.05', async () => {
  page = await stage.browser.newPage()
  await page.addInitScript(() => {
    const shifts: { at: number; value: number }[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push({ at: entry.startTime, value: (entry as unknown as { value: number }).value })
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(`${stage.url}/exchanges`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.locator('a.row-link').first().waitFor()
  const patternId = await stage.seed.pattern({ title: 'Comes and goes' })
  for (let number = 0; number < 80; number++) {
    await stage.seed.exchange({
      model: `shift-${number}`,
      patternId: number % 3 === 0 ? patternId : null,
      verdict: number % 5 === 0 ? 'failure' : 'success',
    })
    await notify('sinew_exchanges')
    if (number % 20 === 19) await notify('sinew_learning', 'patterns')
  }
  await shown('shift-79')
  const shift = await readShift()
  console.log(`layout shift of the live list over 80 arrivals: ${shift.toFixed(4)}`)
  expect(shift).toBeLessThanOrEqual(0.05)
  // The measure sees what moves.
  await page.evaluate(() =>
    document.querySelector('main h1')?.before(Object.assign(document.createElement('textarea'), { rows: 20 })),
  )
  await waitFor(async () => (await readShift()) > 0.05, 'a block above everything is a shift')
})
