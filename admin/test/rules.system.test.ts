/**
 * What a person does with transformation rules in the admin, in a real browser: write, test, save, switch, look back,
 * remove.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../gateway/control/test/admin.ts'
import { findPageFaults, openSignedInStage, type Stage } from './browser.ts'

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

const path = (): string => page.url().slice(stage.url.length).split('?')[0] as string
const rows = async (): Promise<unknown[]> =>
  (
    await stage.seed.client.query(
      'select rule_name, active, version, target from transformations order by rule_order, id',
    )
  ).rows

test('a rule is written, tested on the last exchange, saved, changed, looked back at and removed', async () => {
  await stage.seed.exchange({
    original: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Where is order ACME-17?' }] }),
  })
  page = await stage.open('/rules')
  await page.getByRole('link', { name: 'Write the first one' }).click()
  await page.getByLabel('Name').fill('Customers by number')
  await page.getByLabel(/^When/).fill('text.contains("ACME") &&')
  await page.getByLabel('Add an edit').selectOption('replaceText')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByRole('alert').filter({ hasText: 'condition' }).waitFor()
  await page.getByLabel(/^When/).fill('text.contains("ACME")')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('The condition holds for 1 of 1 samples.').waitFor()
  expect(await page.locator('del').allTextContents()).toEqual(['ACME-'])
  expect(await page.locator('ins').allTextContents()).toEqual(['customer '])
  expect(await rows()).toEqual([])
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText(/Saved\. It is applied/).waitFor()
  expect(await rows()).toEqual([{ rule_name: 'Customers by number', active: true, version: 1, target: 'request' }])

  await page.getByRole('textbox', { name: 'Reason' }).fill('Order came first')
  await page.getByLabel('Order', { exact: true }).fill('5')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText(/Version 2 saved by admin/).click()
  await page.getByRole('region', { name: 'History' }).getByText('Order came first').waitFor()

  await page.getByRole('link', { name: 'Rules' }).first().click()
  await page.getByRole('switch', { name: 'Customers by number is active' }).click()
  await waitFor(async () => (await page.getByRole('switch').getAttribute('aria-checked')) === 'false', 'it is off')
  expect(await rows()).toEqual([{ rule_name: 'Customers by number', active: false, version: 3, target: 'request' }])

  await page.getByRole('link', { name: 'Customers by number' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Done with it')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('No rule yet').waitFor()
  expect(path()).toBe('/rules')
  expect(await rows()).toEqual([])
})

test('a rule that would make a request invalid is refused in words; who saves second is told and loses nothing of what was written', async () => {
  page = await stage.open('/rules/new')
  await page.getByLabel('Name').fill('Breaks')
  await page.getByLabel('Edits, in order').fill('[{"kind":"remove","path":["messages"]}]')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByRole('alert').filter({ hasText: 'messages: must be a list' }).waitFor()
  await page.getByLabel('Edits, in order').fill('[{"kind":"set","path":["user"],"value":"shop"}]')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText(/Saved\. It is applied/).waitFor()
  await stage.seed.client.query(`update transformations set version = 7 where rule_name = 'Breaks'`)
  await page.getByLabel(/^When/).fill('key == "demo"')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByRole('alert').filter({ hasText: 'version 7' }).waitFor()
  expect(await page.getByLabel(/^When/).inputValue()).toBe('key == "demo"')
  await page.getByRole('button', { name: 'Show what is stored' }).click()
  expect(await page.getByLabel(/^When/).inputValue()).toBe('')
  await stage.seed.client.query('delete from transformations')
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function findAccessibilityFaults(at: Page): Promise<string[]> {
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
  [320, 'dark'],
] as const)(
  'the pages of rules at %i px, %s: nothing beyond the edge, and no fault that axe can find',
  async (width, colorScheme) => {
    const id = '01a1fc00-0000-7000-8000-00000000000a'
    await stage.seed.client.query(
      `insert into transformations (id, rule_name, rule_trigger, rule_logic, rule_order, active) values ($1, 'A rule with a name that is much too long for a small screen, and goes on', '{"condition":"text.contains(\\"aVeryLongWordThatDoesNotBreakAnywhereInANarrowColumn\\")"}', '{"edits":[{"kind":"replaceText","in":"all","pattern":"Hello","with":"Good day"}]}', 1, true) on conflict do nothing`,
      [id],
    )
    await stage.seed.client.query(
      `insert into transformation_versions (transformation_id, version, change, rule, person) values ($1, 1, 'saved', '{"name":"a","order":1,"active":true,"target":"request","condition":"","edits":[]}', 'admin') on conflict do nothing`,
      [id],
    )
    page = await stage.open('/rules')
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    for (const place of ['/rules', '/rules/new', `/rules/${id}`]) {
      await page.goto(`${stage.url}${place}`)
      await waitFor(
        async () => (await page.locator('h1').count()) === 1 && (await page.locator('[aria-busy=true]').count()) === 0,
        `${place} is loaded`,
      )
      if (place.endsWith(id)) {
        await page.getByLabel(/^When/).fill('')
        await page.getByRole('button', { name: 'Test', exact: true }).click()
        await page.getByText(/The condition holds for/).waitFor()
        await page.getByText(/Version 1 saved/).click()
      }
      expect(await page.evaluate(findPageFaults), place).toEqual([])
      expect(await findAccessibilityFaults(page), place).toEqual([])
    }
  },
)
