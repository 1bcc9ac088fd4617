/** `catamaran/client` in a real browser, as the app serves it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { TestApp } from '../../src/testing/app.ts'
import { describeChromium, startChromium } from '../support/chromium.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'

declare const client: Client
declare const heard: unknown[]

const files: Files = {
  'assets/index.html': '<!doctype html><script type="module" src="/page.js"></script>',
  'assets/page.js': `
    import { connect } from '/catamaran.js'
    window.heard = []
    const transports = new URLSearchParams(location.search).getAll('by')
    window.client = connect('/', { socket: transports.length > 0 ? { transports } : {} })
    client.on('session', (event) => heard.push(event))`,
  'config/routes.mjs': `export default {
    'GET /me': ({ session }) => ({ userId: session.userId ?? null, theme: session.theme ?? null }),
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'POST /theme': (req) => { req.session.theme = req.body.theme; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
  }`,
}

describeChromium('the client in Chromium', () => {
  let chromium: Browser

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  const lift = (session: object = {}) =>
    liftFiles(files, { session: { user: 'userId', ...session } })

  async function openContext(): Promise<BrowserContext> {
    const context = await chromium.newContext()
    onTestFinished(() => context.close())
    return context
  }

  async function openPage(app: TestApp, context: BrowserContext, query = ''): Promise<Page> {
    const page = await context.newPage()
    await page.goto(`${app.url}/${query}`)
    // From outside: the page's own policy forbids what Playwright would poll with.
    await expect.poll(() => page.evaluate('globalThis.client?.connected')).toBe(true)
    return page
  }

  const cookieOf = async (context: BrowserContext) =>
    (await context.cookies()).find(({ name }) => name === 'sails.sid')?.value

  const login = (page: Page, user: string) =>
    page.evaluate((name) => client.post('/login', { user: name }).then(() => {}), user)

  const overSocket = (page: Page) => page.evaluate(() => client.get('/me').then(({ body }) => body))

  const overHttp = (page: Page) => page.evaluate(() => fetch('/me').then((answer) => answer.json()))

  it.each([
    ['WebSocket', ''],
    ['polling alone', '?by=polling'],
  ])(
    'W6: logs in over %s; after a reload the browser is still logged in, the old id dead',
    async (_, query) => {
      const app = await lift()
      const context = await openContext()
      const page = await openPage(app, context, query)
      const transport = await page.evaluate(() => client.socket.io.engine.transport.name)
      await page.evaluate(() => client.post('/theme', { theme: 'dark' }).then(() => {}))
      const before = await cookieOf(context)

      await login(page, 'ada')
      await page.reload()

      expect(transport).toBe(query ? 'polling' : 'websocket')
      expect(await overHttp(page)).toEqual({ userId: 'ada', theme: 'dark' })
      expect(await overSocket(page)).toEqual({ userId: 'ada', theme: 'dark' })
      expect(await cookieOf(context)).not.toBe(before)
      const old = await fetch(`${app.url}/me`, { headers: { cookie: `sails.sid=${before}` } })
      expect(await old.json()).toEqual({ userId: null, theme: null })
    },
  )

  it('W6: logs out and in again on the same socket', async () => {
    const app = await lift()
    const page = await openPage(app, await openContext())
    const id = await page.evaluate(() => client.socket.id)

    for (const user of ['ada', 'bob']) {
      await login(page, user)
      expect(await overHttp(page)).toMatchObject({ userId: user })
      await page.evaluate(() => client.post('/logout').then(() => {}))
      expect(await overHttp(page)).toMatchObject({ userId: null })
    }

    expect(await page.evaluate(() => client.socket.id)).toBe(id)
  })

  it('W6: a ticket of one browser is nothing to another, nor a second time', async () => {
    const app = await lift()
    const context = await openContext()
    const page = await openPage(app, context)
    await page.evaluate(() => client.post('/theme', { theme: 'dark' }).then(() => {}))
    const other = await openPage(app, await openContext())
    let ticket = ''
    let stolen = 0
    const redeem = (where: Page) =>
      where.evaluate(
        (given) =>
          fetch('/__catamaran/session', {
            method: 'POST',
            headers: { 'catamaran-ticket': given },
          }).then(({ status }) => status),
        ticket,
      )
    // The page's own request waits until the other browser has tried.
    await context.route('**/__catamaran/session', async (route) => {
      const { 'catamaran-ticket': given = '' } = route.request().headers()
      if (ticket === '') {
        ticket = given
        stolen = await redeem(other)
      }
      await route.continue()
    })

    await login(page, 'ada')

    expect(ticket).not.toBe('')
    expect(stolen).toBe(403)
    expect(await overHttp(page)).toMatchObject({ userId: 'ada' })
    expect(await redeem(page)).toBe(403)
    expect(await overHttp(other)).toMatchObject({ userId: null })
  })

  it.each([
    // Time goes on meanwhile by itself, too.
    [25, 204],
    [30, 403],
  ])('W6: a ticket lives half a minute: after %d s it is answered %d', async (seconds, status) => {
    const app = await lift()
    const context = await openContext()
    const page = await openPage(app, context)
    await page.evaluate(() => client.post('/theme', { theme: 'dark' }).then(() => {}))
    // The page's own request goes nowhere, and its promise waits for the cookie.
    await context.route('**/__catamaran/session', () => {})
    const asked = page.waitForRequest((request) => request.url().endsWith('/__catamaran/session'))

    login(page, 'ada').catch(() => {})
    const headers = { 'catamaran-ticket': (await asked).headers()['catamaran-ticket'] ?? '' }
    await app.clock.advance(seconds)
    const answer = await context.request.post(`${app.url}/__catamaran/session`, { headers })

    expect(headers['catamaran-ticket']).not.toBe('')
    expect(answer.status()).toBe(status)
    expect(answer.headers()['set-cookie'] !== undefined).toBe(status === 204)
    expect(await overHttp(page)).toMatchObject({ userId: status === 204 ? 'ada' : null })
  })

  it('W6: redeems its ticket on another node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catamaran-nodes-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const shared = { adapter: 'sqlite', file: join(folder, 'sessions.db') }
    const [here, there] = [await lift(shared), await lift(shared)]
    const context = await openContext()
    await context.route('**/__catamaran/session', async (route) => {
      const request = route.request()
      const { cookie = '', 'catamaran-ticket': ticket = '' } = await request.allHeaders()
      const answer = await fetch(`${there.url}/__catamaran/session`, {
        method: 'POST',
        headers: { cookie, 'catamaran-ticket': ticket },
      })
      const headers = { 'set-cookie': answer.headers.getSetCookie().join('\n') }
      await route.fulfill({ status: answer.status, headers })
    })
    const page = await openPage(here, context)
    await page.evaluate(() => client.post('/theme', { theme: 'dark' }).then(() => {}))

    await login(page, 'ada')
    await page.reload()

    expect(await overHttp(page)).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it.each([
    ['over its socket', () => client.post('/theme', { theme: 'dark' }).then(() => {})],
    [
      'over HTTP',
      () => {
        const headers = { 'content-type': 'application/json' }
        const body = JSON.stringify({ theme: 'dark' })
        return fetch('/theme', { method: 'POST', headers, body }).then(() => {})
      },
    ],
  ])('W7: a change in one tab, %s, shows in the other', async (_, change) => {
    const app = await lift({ public: ['userId', 'theme'] })
    const context = await openContext()
    const one = await openPage(app, context)
    await login(one, 'ada')
    const two = await openPage(app, context)
    await expect.poll(() => two.evaluate(() => client.session)).toEqual({ userId: 'ada' })

    await one.evaluate(change)

    const both = { userId: 'ada', theme: 'dark' }
    await expect.poll(() => two.evaluate(() => client.session)).toEqual(both)
    await expect.poll(() => one.evaluate(() => client.session)).toEqual(both)
    const changed = await two.evaluate(() => heard.at(-1))
    expect(changed).toEqual({ type: 'changed', fields: { theme: 'dark' } })
  })

  it('W6: a login in one tab is one in the other', async () => {
    const app = await lift()
    const context = await openContext()
    const [one, two] = [await openPage(app, context), await openPage(app, context)]

    await login(one, 'ada')

    await expect.poll(() => overSocket(two), { timeout: 8000 }).toMatchObject({ userId: 'ada' })
    expect(await overHttp(two)).toMatchObject({ userId: 'ada' })
  })

  it('P16: a logout in one tab is told in the other', async () => {
    const app = await lift()
    const context = await openContext()
    const one = await openPage(app, context)
    await login(one, 'ada')
    const two = await openPage(app, context)

    await one.evaluate(() => client.post('/logout').then(() => {}))

    await expect
      .poll(() => two.evaluate(() => heard))
      .toEqual([{ type: 'ended', reason: 'destroyed', reconnect: false }])
  })
})
