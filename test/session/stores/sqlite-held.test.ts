import type { Request } from 'express'
import { describe, expect, it, vi } from 'vitest'
import { liftFiles } from '../../support/lift-files.ts'
import { startWatch } from '../../support/stopwatch.ts'
import { createSqliteGround } from './sqlite-ground.ts'

const routes = {
  'POST /login': (req: Request) => {
    req.session.userId = req.body.user
    return {}
  },
  'GET /me': (req: Request) => ({ userId: req.session.userId ?? null }),
}
/** What one request may wait for the store, in **seconds**, and may take in **milliseconds**. */
const storeTimeout = 1
const bound = storeTimeout * 1_000 + 250

/** An app whose visitor ada has a socket, and what another process does to its file. */
async function appOnFile() {
  const { file, child, warnings } = await createSqliteGround()
  const session = { adapter: 'sqlite', file, storeTimeout }
  const app = await liftFiles({}, { routes, session })
  const browser = app.browser()
  await browser.post('/login', { user: 'ada' })
  await browser.socket()
  return { app, browser, warnings, hold }

  async function hold() {
    const holder = child('hold')
    await holder.started
    return async () => {
      holder.process.stdin?.end('release\n')
      await holder.ended
    }
  }
}

type Visitor = Awaited<ReturnType<typeof appOnFile>>['browser']

/** What both doors say, and in how many **milliseconds**. */
async function readOf(browser: Visitor) {
  const stop = startWatch()
  const [http, event] = await Promise.all([browser.get('/me'), browser.emit('GET /me')])
  return { said: [http.status, http.body, event.statusCode, event.body], ms: stop() }
}

const ada = [200, { userId: 'ada' }, 200, { userId: 'ada' }]

describe('P12: while another process holds the file of an app on sqlite', () => {
  it('who writes gets 503 in time, and is stored as soon as it is free', async () => {
    const { browser, hold } = await appOnFile()
    const release = await hold()

    const stop = startWatch()
    const write = await browser.post('/login', { user: 'eve' })
    const ms = stop()
    await release()
    const stopRecovery = startWatch()
    const status = async () => (await browser.post('/login', { user: 'bob' })).status
    await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 2_000, interval: 20 })

    expect([write.status, write.headers.get('retry-after')]).toEqual([503, '2'])
    expect(ms).toBeLessThan(bound)
    expect(stopRecovery()).toBeLessThan(2_000)
    expect((await browser.get('/me')).body).toEqual({ userId: 'bob' })
  })

  it('who reads is served at once, whatever writes are waiting or were refused', async () => {
    const { browser, hold } = await appOnFile()
    const release = await hold()
    const write = () => browser.post('/login', { user: 'eve' })

    expect((await write()).status).toBe(503)
    const refused = await readOf(browser)
    // One of these is the call that finds out whether it is free again.
    const trials = vi.waitFor(
      async () => {
        const stop = startWatch()
        await write()
        expect(stop()).toBeGreaterThan(500)
      },
      { timeout: 5_000, interval: 20 },
    )
    const reads: Awaited<ReturnType<typeof readOf>>[] = []
    await vi.waitFor(
      async () => {
        reads.push(await readOf(browser))
        expect(await Promise.race([trials, 'waiting'])).not.toBe('waiting')
      },
      { timeout: 10_000, interval: 20 },
    )
    await release()

    expect(refused.said).toEqual(ada)
    expect(reads.length).toBeGreaterThan(3)
    for (const { said, ms } of reads) {
      expect(said).toEqual(ada)
      expect(ms).toBeLessThan(500)
    }
  })

  it('who reads is served although its life cannot be renewed, which is told and made up for', async () => {
    const { app, browser, hold } = await appOnFile()
    const release = await hold()

    await app.clock.advance(10_000)
    const { said, ms } = await readOf(browser)
    await release()
    const other = async () => (await app.browser().post('/login', { user: 'eve' })).status
    await vi.waitFor(async () => expect(await other()).toBe(200), { timeout: 2_000, interval: 20 })
    await browser.get('/me')
    await app.clock.advance(80_000)

    expect(said).toEqual(ada)
    expect(ms).toBeLessThan(bound)
    expect((await browser.get('/me')).body).toEqual({ userId: 'ada' })
  })
})
