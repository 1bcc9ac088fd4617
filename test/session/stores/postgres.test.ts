/** connect-pg-simple on a real PostgreSQL: a store that others wrote, on a server that can really fail. */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { connectStore } from '../../../src/session/stores/connect.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { spaced, without } from '../../support/contract.ts'
import { type Files, liftFiles } from '../../support/lift-files.ts'
import { describePostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'

const require = createRequire(import.meta.url)
const PgStore = require('connect-pg-simple')(require('express-session'))

/** It has no way to see all sessions at once, and keeps values, not the spacing of a text. */
const beyond = [
  'does not create by reading with renewal',
  'keeps ids with odd characters apart',
  spaced,
  'lists and counts the living, page by page',
  'may be listed while it changes, and left early',
  'clears all of its own',
]

const files: Files = {
  'config/routes.js': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'POST /cart/:thing': async (req) => {
      req.session.cart = { ...req.session.cart, [req.params.thing]: 1 }
      await new Promise((resolve) => setTimeout(resolve, 50))
      return {}
    },
    'POST /count': async (req) => {
      await req.session.update((session) => { session.n = (session.n ?? 0) + 1 })
      return {}
    },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'GET /me': ({ session: { userId, cart, n } }) => ({ userId, cart, n }),
  }`,
}

describePostgres('connect-pg-simple', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server.close())

  function createStore() {
    const conObject = { connectionString: server.url, connectionTimeoutMillis: 1_000 }
    const errorLog = () => {}
    return new PgStore({ conObject, createTableIfMissing: true, errorLog })
  }

  storeContract(
    'connect-pg-simple',
    async () => {
      const pg = createStore()
      // Looked up anew at each call: the test moves it.
      const clock = () => Date.now()
      const store = connectStore(pg, { clock, close: () => pg.close(), storeTimeout: 15 })
      await store.check()
      await pg._asyncQuery('TRUNCATE session')
      vi.useFakeTimers({ toFake: ['Date'] })
      return {
        store,
        advance: (seconds: number) => void vi.advanceTimersByTime(seconds * 1000),
        async close() {
          vi.useRealTimers()
          await store.close()
        },
      }
    },
    without(...beyond),
  )

  it('says clearly that it cannot list its sessions', async () => {
    const pg = createStore()
    const store = connectStore(pg, { close: () => pg.close() })
    onTestFinished(() => store.close())

    await expect(store.count()).rejects.toMatchObject({ code: 'E_STORE_CANNOT' })
  })

  /** An app that is given the store, and a visitor who has logged in. */
  async function loggedIn() {
    const store = createStore()
    const app = await liftFiles(files, { session: { store } })
    onTestFinished(() => store.close())
    const browser = app.browser()
    await vi.waitFor(async () => {
      expect((await browser.post('/login', { user: 'ada' })).status).toBe(200)
    }, 10_000)
    return { app, browser }
  }

  it('keeps a login of one transport for the other, and forgets it at the logout', async () => {
    const { browser } = await loggedIn()

    const me = await browser.emit('GET /me')
    await browser.post('/logout')

    expect(me.body).toEqual({ userId: 'ada' })
    expect((await browser.get('/me')).body).toEqual({})
  })

  it('P4: loses nothing of parallel changes in one process', async () => {
    const { browser } = await loggedIn()

    const things = Array.from({ length: 10 }, (_, n) => `t${n}`)
    await Promise.all(things.map((thing) => browser.post(`/cart/${thing}`)))

    const { cart } = (await browser.get('/me')).body as { cart: object }
    expect(Object.keys(cart).sort()).toEqual(things)
  })

  it('P6: counts exactly in one process', async () => {
    const { browser } = await loggedIn()

    await Promise.all(Array.from({ length: 30 }, () => browser.post('/count')))

    expect((await browser.get('/me')).body).toMatchObject({ n: 30 })
  })

  it.each([
    ['hangs', () => server.pause(), async () => server.resume()],
    ['is killed', () => server.kill(), () => server.start()],
  ] as const)(
    'P12: answers 503 in time while it %s, and the login is there again',
    async (_, fail, heal) => {
      const { browser } = await loggedIn()
      await fail()

      const started = performance.now()
      const { status, headers } = await browser.get('/me')
      const ms = performance.now() - started
      await heal()
      const healed = performance.now()
      await vi.waitFor(async () => expect((await browser.get('/me')).status).toBe(200), 10_000)

      expect([status, headers.get('retry-after')]).toEqual([503, '2'])
      expect(ms).toBeLessThan(1_750)
      expect(performance.now() - healed).toBeLessThan(2_000)
      expect((await browser.get('/me')).body).toEqual({ userId: 'ada' })
    },
  )
})
