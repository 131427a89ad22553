/** A real browser before the real control process, on a database of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { buildAdmin } from '../../docker/supervisor/admin-build.ts'
import { findProgram } from '../../docker/test/programs.ts'
import { createTestDatabase } from '../../docker/test/database.ts'
import { migrate } from '../../db/orm.ts'
import { openSeed, type Seed } from '../../db/test/seed.ts'
import { waitFor } from '../../gateway/control/test/admin.ts'
import { openSwitch, type Switch } from '../../gateway/control/test/switch.ts'

export const token = 'admin-token-0123456789abcdef0123456789'
const root = resolve(import.meta.dirname, '../..')
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Stage {
  url: string
  seed: Seed
  browser: BrowserContext
  /** Between control and PostgreSQL. */
  wire: Switch
  /** Whatever no page may ever cause: errors on the console, exceptions, requests to others. */
  faults: string[]
  /** With what more its environment holds. */
  startControl(more?: Record<string, string>): Promise<void>
  killControl(): Promise<void>
  /** It keeps its connections and answers nothing, or goes on. */
  freezeControl(frozen: boolean): void
  open(path: string): Promise<Page>
  close(): Promise<void>
}

/** The same with a person signed in, whose session every page of the browser has. */
export async function openSignedInStage(): Promise<Stage> {
  const stage = await openStage()
  const page = await stage.open(`/sign-in#token=${token}`)
  await page.getByRole('heading', { name: 'Exchanges' }).waitFor()
  await page.close()
  return stage
}

export async function openStage(): Promise<Stage> {
  const built = await buildAdmin({ root, env: process.env, report: () => {} })
  if (!built) throw new Error('the admin could not be built')
  const database = await createTestDatabase()
  await migrate(database.url)
  const seed = await openSeed(database.url)
  const target = new URL(database.url)
  const wire = await openSwitch(target.hostname, Number(target.port))
  target.host = `127.0.0.1:${wire.port}`
  const [folder, profile] = [
    mkdtempSync(join(tmpdir(), 'sinew-admin-')),
    mkdtempSync(join(tmpdir(), 'sinew-chromium-')),
  ]
  const port = await findPort()
  const url = `http://127.0.0.1:${port}`
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: await findProgram('chromium', process.env),
    args: flags,
    viewport: { width: 1280, height: 900 },
  })
  let child: ChildProcess | null = null
  const faults: string[] = []
  watch(browser, url, faults)

  async function startControl(more: Record<string, string> = {}): Promise<void> {
    child = spawn(process.execPath, ['gateway/control.ts'], {
      cwd: root,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        SINEW_DATA_DIR: folder,
        SINEW_ADMIN_TOKEN: token,
        ADMIN_PORT: String(port),
        DATABASE_URL: target.href,
        TEMPORAL_UI_URL: 'http://temporal.test',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        ...more,
      },
    })
    await waitFor(
      () =>
        fetch(`${url}/trpc/patterns.list`, { headers: { authorization: `Bearer ${token}` } }).then(
          (response) => response.ok,
          () => false,
        ),
      'control works',
      90_000,
    )
  }
  async function killControl(): Promise<void> {
    const gone = new Promise((done) => child?.once('exit', done))
    child?.kill('SIGKILL')
    await gone
  }
  await startControl()
  return {
    url,
    seed,
    browser,
    wire,
    faults,
    startControl,
    killControl,
    freezeControl: (frozen) => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    async open(path) {
      const page = await browser.newPage()
      await page.goto(`${url}${path}`)
      return page
    },
    async close() {
      await browser.close()
      await killControl()
      await wire.close()
      await seed.close()
      await database.drop()
      for (const place of [folder, profile]) rmSync(place, { recursive: true, force: true })
    },
  }
}

function watch(browser: BrowserContext, url: string, faults: string[]): void {
  browser.on('console', (message) => {
    // A status is the answer to what the page asked, not a fault of the page.
    if (message.type() === 'error' && !/Failed to load resource|ERR_INCOMPLETE_CHUNKED/.test(message.text()))
      faults.push(`console: ${message.text()}`)
  })
  browser.on('weberror', (error) => faults.push(`exception: ${error.error().message}`))
  browser.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  browser.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:') && request.url() !== 'about:blank')
      faults.push(`foreign request: ${request.url()}`)
  })
}

async function findPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/**
 * What every page must have: names for all that can be operated, one main heading, ids that are unique, no scrolling
 * sideways.
 */
export function findPageFaults(): string[] {
  const faults: string[] = []
  const visible = (element: Element): boolean => element.checkVisibility() && !element.closest('dialog:not([open])')
  for (const element of document.querySelectorAll<HTMLElement>(
    'a[href], button, input, select, textarea, [role=region], dialog[open], progress',
  )) {
    if (!visible(element)) continue
    const labels =
      'labels' in element && element.labels instanceof NodeList
        ? [...element.labels].map((label) => label.textContent).join('')
        : ''
    const referred = (element.getAttribute('aria-labelledby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join('')
    if (
      !(element.getAttribute('aria-label') ?? '').trim() &&
      !labels.trim() &&
      !referred.trim() &&
      !(element.textContent ?? '').trim()
    )
      faults.push(`no name: ${element.outerHTML.slice(0, 120)}`)
    const box = element.getBoundingClientRect()
    if (
      /^(BUTTON|INPUT|SELECT)$/.test(element.tagName) &&
      (element as HTMLInputElement).type !== 'checkbox' &&
      box.height < 24
    )
      faults.push(`too small to hit: ${element.outerHTML.slice(0, 120)}`)
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`id twice: ${id}`)
  if ([...document.querySelectorAll('h1')].filter(visible).length !== 1) faults.push('not exactly one main heading')
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`scrolls sideways by ${document.documentElement.scrollWidth - innerWidth}px`)
  return faults
}
