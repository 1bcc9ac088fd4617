import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import type { Browser } from '../../src/testing/browser.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { describeOwnRedis, startRedis } from '../support/redis.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null, id: req.sessionID }),
  }`,
}

describeOwnRedis('P12: a handshake while the store fails', () => {
  async function onRedis() {
    const redis = await startRedis({ own: true })
    onTestFinished(() => redis.close())
    const app = await liftFiles(files, { session: { adapter: 'redis', port: redis.port } })
    return { redis, browser: app.browser() }
  }

  async function loggedIn() {
    const { redis, browser } = await onRedis()
    await browser.post('/login', { user: 'ada' })
    return { redis, browser }
  }

  /** The first answer that is none of a store that is down, and the milliseconds until then. */
  async function recovered(browser: Browser, request: string) {
    const started = performance.now()
    for (;;) {
      // An ended session disconnects; the next event connects anew.
      const answer = await browser.emit(request, { user: 'ada' }).catch(() => undefined)
      const ms = performance.now() - started
      if (answer?.statusCode === 200 || ms > 5000) return { answer, ms }
      await sleep(20)
    }
  }

  it.each(['kill', 'pause'] as const)(
    'lets the socket in, and its events say 503 (%s)',
    async (fail) => {
      const { redis, browser } = await loggedIn()
      await redis[fail]()

      const started = performance.now()
      await browser.socket()
      const connected = performance.now()
      const { statusCode, headers, body } = await browser.emit('GET /me')
      const answered = performance.now()

      expect(statusCode).toBe(503)
      expect(headers).toMatchObject({ 'retry-after': '2' })
      expect(body).toMatchObject({ code: 'E_STORE_DOWN' })
      expect(connected - started).toBeLessThan(1750)
      expect(answered - connected).toBeLessThan(1750)
    },
  )

  it('finds the session again on the same socket when the store answers again', async () => {
    const { redis, browser } = await loggedIn()
    redis.pause()
    const { id } = await browser.socket()
    await browser.emit('GET /me')

    redis.resume()
    const { answer, ms } = await recovered(browser, 'GET /me')

    expect(answer?.body).toMatchObject({ userId: 'ada' })
    expect(ms).toBeLessThan(2000)
    expect((await browser.socket()).id).toBe(id)
  })

  it('gives a newcomer a cookie that holds when the store comes', async () => {
    const { redis, browser } = await onRedis()
    await redis.kill()

    const refused = await browser.emit('POST /login', { user: 'ada' })
    await redis.start()
    const { answer, ms } = await recovered(browser, 'POST /login')

    expect(refused.statusCode).toBe(503)
    expect(answer?.statusCode).toBe(200)
    expect(ms).toBeLessThan(2000)
    expect((await browser.get('/me')).body).toMatchObject({ userId: 'ada' })
  })
})
