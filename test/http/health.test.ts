import type { Request } from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { type Answer, ask } from './ask.ts'

const files = { 'assets/a.txt': 'a' }
const routes = {
  'POST /login': (req: Request) => {
    req.session.seen = 'ada'
    return 'in'
  },
  'GET /me': (req: Request) => ({ seen: req.session.seen }),
  'GET /open': { fn: (req: Request) => ({ session: req.session ?? null }), session: false },
}

describe('an app on memory', () => {
  it('is live and ready', async () => {
    const { url } = await liftFiles(files)

    const live = await ask(url, '/health/live')
    const ready = await ask(url, '/health/ready')

    expect([live.status, JSON.parse(live.body)]).toEqual([200, { status: 'live' }])
    expect([ready.status, JSON.parse(ready.body)]).toEqual([200, { status: 'ready' }])
  })

  it('is probed without session, and no cache remembers the answer', async () => {
    const { url } = await liftFiles(files, { session: { saveUninitialized: true } })

    for (const path of ['/health/live', '/health/ready']) {
      const { headers } = await ask(url, path)
      expect(headers['set-cookie']).toBeUndefined()
      expect(headers['cache-control']).toBe('no-store')
    }
    expect((await ask(url, '/health/ready', { method: 'HEAD' })).status).toBe(200)
  })

  it('answers other paths below /health itself', async () => {
    const { url } = await liftFiles(files, { routes: { 'GET /health/me': () => 'mine' } })

    expect((await ask(url, '/health/me')).body).toBe('mine')
    expect((await ask(url, '/health')).status).toBe(404)
  })
})

describe('an app that is to stop, with `grace`', () => {
  it('is not ready, keeps no connection, and answers over both doors until it closes', async () => {
    const app = await liftFiles(files, { http: { grace: 3 }, routes })
    const browser = app.browser()
    const socket = await browser.socket()
    const gone = new Promise((resolve) => socket.once('disconnect', resolve))
    const before = await ask(app.url, '/a.txt')

    const lowered = app.app.lower().then(() => performance.now())
    const began = performance.now()
    const ready = await ask(app.url, '/health/ready')
    const page = await ask(app.url, '/a.txt')
    const live = await ask(app.url, '/health/live')
    const { statusCode } = await browser.emit('GET /me')
    await gone
    const took = (await lowered) - began

    expect([ready.status, JSON.parse(ready.body)]).toEqual([
      503,
      { status: 'unavailable', reason: 'E_STOPPING' },
    ])
    expect([page.status, live.status, statusCode]).toEqual([200, 200, 200])
    expect([before, page].map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'close'])
    expect(took).toBeGreaterThan(2900)
    await expect(ask(app.url, '/a.txt')).rejects.toThrow()
  })
})

/** `storeTimeout` and 250 ms, and what a busy machine takes for a request that waits for nothing. */
const bound = 500 + 250 + 250

describeOwnRedis('an app whose redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({ own: true })
  })
  beforeEach(() => () => redis.resume())
  afterAll(() => redis.close())

  async function lift() {
    const session = { adapter: 'redis', port: redis.port, host: '127.0.0.1', storeTimeout: 0.5 }
    const { url } = await liftFiles(files, { routes, session })
    const login = await ask(url, '/login', { method: 'POST' })
    const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const get = (path: string, method = 'GET') => ask(url, path, { method, headers: { cookie } })
    return { get }
  }

  async function timed(work: Promise<Answer>) {
    const began = performance.now()
    const answer = await work
    return { ...answer, took: performance.now() - began }
  }

  const outages: [string, () => unknown, () => unknown][] = [
    ['hangs', () => redis.pause(), () => redis.resume()],
    ['is killed', () => redis.kill(), () => redis.start()],
  ]

  it.each(outages)(
    '%s answers 503 in time where a session is asked for',
    async (_how, down, up) => {
      const { get } = await lift()
      await down()

      const answers = await Promise.all([timed(get('/me')), timed(get('/login', 'POST'))])
      await up()

      for (const { status, headers, body, took } of answers) {
        expect(status).toBe(503)
        expect(headers['retry-after']).toBe('2')
        expect(headers['set-cookie']).toBeUndefined()
        expect(JSON.parse(body)).toMatchObject({ code: 'E_STORE_DOWN' })
        expect(took).toBeLessThan(bound)
      }
    },
  )

  it.each(outages)('%s keeps answering what needs no session', async (_how, down, up) => {
    const { get } = await lift()
    await down()

    const paths = ['/a.txt', '/health/live', '/open', '/missing.png']
    const answers = await Promise.all(paths.map((path) => timed(get(path))))
    await up()

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404])
    expect(answers[2]?.body).toBe('{"session":null}')
    for (const { took } of answers) expect(took).toBeLessThan(300)
  })

  it.each(outages)('%s is not ready, and ready again by itself', async (_how, down, up) => {
    const { get } = await lift()
    await down()

    const probe = await timed(get('/health/ready'))
    await up()
    const back = performance.now()
    while ((await get('/health/ready')).status !== 200) {
      expect(performance.now() - back).toBeLessThan(2000)
    }

    expect([probe.status, JSON.parse(probe.body)]).toEqual([
      503,
      { status: 'unavailable', reason: 'E_STORE_DOWN' },
    ])
    expect(probe.took).toBeLessThan(bound)
    expect((await get('/me')).status).toBe(200)
  })

  it('is down at the lift lifts, and recovers by itself', async () => {
    await redis.kill()
    const session = { adapter: 'redis', port: redis.port, host: '127.0.0.1' }
    const { url } = await liftFiles(files, { routes, session })

    const down = await ask(url, '/login', { method: 'POST' })
    const page = await ask(url, '/a.txt')
    await redis.start()
    const back = performance.now()
    while ((await ask(url, '/login', { method: 'POST' })).status !== 200) {
      expect(performance.now() - back).toBeLessThan(2000)
    }

    expect([down.status, page.status]).toEqual([503, 200])
  })
})
