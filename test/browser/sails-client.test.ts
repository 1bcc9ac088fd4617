import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { describeChromium, startChromium } from '../support/chromium.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')
const library = createRequire(import.meta.url).resolve('sails.io.js/dist/sails.io.js')

/** What a page of Sails has: its socket connects when it loads, and comes back when it is lost. */
const page = `<!doctype html><title>Sails</title>
<script src="/js/sails.io.js" reconnection="true" environment="production"></script>`

interface Jwr {
  readonly statusCode: number
  readonly body: unknown
}

describeChromium("sails.io.js's own bundle in Chromium", () => {
  let chromium: Browser
  let app: TestApp
  let context: BrowserContext
  let tab: Page

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  beforeEach(async () => {
    app = await testApp(root, { routes: await pages() }, { environment: {} })
    context = await chromium.newContext()
    tab = await context.newPage()
    await tab.goto(`${app.url}/page`)
  })
  afterEach(async () => {
    await context.close()
    await app.close()
  })

  async function pages() {
    const script = await readFile(library, 'utf8')
    const send = (type: string, text: string) => (_req: unknown, res: Sendable) => {
      res.type(type).send(text)
    }
    return { 'GET /page': send('html', page), 'GET /js/sails.io.js': send('js', script) }
  }

  /** A request by `io.socket` of the page. */
  function ask(method: string, url: string, data: object = {}): Promise<Jwr> {
    return tab.evaluate(
      ([method, url, data]) =>
        new Promise((resolve) => {
          const { socket } = Reflect.get(globalThis, 'io')
          socket.request({ method, url, data }, (body: unknown, { statusCode }: Jwr) =>
            resolve({ statusCode, body } as never),
          )
        }),
      [method, url, data] as const,
    )
  }

  const login = () => ask('put', '/login', { name: 'ada' })
  const isConnected = () => tab.evaluate(() => Reflect.get(globalThis, 'io').socket.isConnected())

  it('logs in over the socket, for HTTP too', async () => {
    expect(await login()).toEqual({ statusCode: 200, body: { userId: 1, socket: true } })
    expect(await ask('get', '/me')).toMatchObject({ statusCode: 200, body: { userId: 1 } })

    const http = await tab.evaluate(async () => (await fetch('/me')).json())

    expect(http).toMatchObject({ userId: 1 })
  })

  it('is still logged in after a reload', async () => {
    await login()

    await tab.reload()

    expect(await ask('get', '/me')).toMatchObject({ statusCode: 200, body: { userId: 1 } })
  })

  it('comes back by itself, still logged in', async () => {
    await login()
    await tab.evaluate(() => Reflect.get(globalThis, 'io').socket._raw.io.engine.close())
    await expect.poll(isConnected, { timeout: 10_000 }).toBe(true)

    expect(await ask('get', '/me')).toMatchObject({ statusCode: 200, body: { userId: 1 } })
  })

  it('sees a login over HTTP at its next request, and an answer of every kind', async () => {
    await tab.evaluate(() => {
      const headers = { 'Content-Type': 'application/json' }
      return fetch('/login', { method: 'POST', headers, body: '{"name":"eve"}' })
    })

    expect(await ask('get', '/me')).toMatchObject({ body: { userId: 2 } })
    expect(await ask('get', '/nowhere')).toEqual({ statusCode: 404, body: 'Not Found' })
    expect(await ask('get', '/answer/redirect')).toMatchObject({ statusCode: 302 })
    expect(await ask('post', '/logout')).toEqual({ statusCode: 200, body: 'OK' })
    expect(await ask('get', '/me')).toEqual({ statusCode: 403, body: 'Forbidden' })
  })
})

interface Sendable {
  type(type: string): { send(text: string): unknown }
}
