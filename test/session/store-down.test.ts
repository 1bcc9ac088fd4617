import type { Request } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { describeOwnRedis, startRedis } from '../support/redis.ts'
import { startWatch } from '../support/stopwatch.ts'
import { createOtherStore } from './stores/connect-store.ts'

const who = (req: Request) => ({ userId: req.session.userId ?? null })
const routes = {
  'POST /login': (req: Request) => {
    req.session.userId = 'ada'
    return {}
  },
  'POST /seen': {
    fn: (req: Request) => {
      req.session.seen = true
      return who(req)
    },
    onStoreError: 'anonymous',
  },
  'GET /me': who,
  'GET /page': { fn: who, onStoreError: 'anonymous' },
  'GET /account': { fn: who, onStoreError: 'fail' },
}

async function loggedIn(session: object = {}) {
  const redis = await startRedis({ own: true })
  onTestFinished(() => redis.close())
  const settings = { adapter: 'redis', port: redis.port, host: '127.0.0.1', storeTimeout: 0.5 }
  const app = await liftFiles({}, { routes, session: { ...settings, ...session } })
  const browser = app.browser()
  await browser.post('/login')
  await browser.socket()
  return { redis, browser, url: app.url }
}

/** The answers of both doors to one request. */
async function both(browser: Awaited<ReturnType<typeof loggedIn>>['browser'], path: string) {
  const http = await browser.get(path)
  const event = await browser.emit(`GET ${path}`)
  return [
    [http.status, http.body],
    [event.statusCode, event.body],
  ]
}

const down = [503, expect.objectContaining({ code: 'E_STORE_DOWN' })]
const stranger = [200, { userId: null }]

describeOwnRedis.each(['kill', 'pause'] as const)('P12: when the store is down (%s)', (fail) => {
  it('a route with onStoreError "anonymous" answers strangers, others 503, over both doors', async () => {
    const { redis, browser } = await loggedIn()
    await redis[fail]()

    expect(await both(browser, '/me')).toEqual([down, down])
    expect(await both(browser, '/page')).toEqual([stranger, stranger])
    expect((await browser.post('/seen')).headers.getSetCookie()).toEqual([])
  })

  it('an app with onStoreError "anonymous" does so but for routes that say "fail"', async () => {
    const { redis, browser } = await loggedIn({ onStoreError: 'anonymous' })
    await redis[fail]()

    expect(await both(browser, '/me')).toEqual([stranger, stranger])
    expect(await both(browser, '/account')).toEqual([down, down])
  })
})

describeOwnRedis('P12: when the store hangs and nobody said how long to wait', () => {
  it('both doors say 503 within 1.75 seconds, to who reads and to who writes', async () => {
    const { redis, browser } = await loggedIn({ storeTimeout: undefined })
    redis.pause()

    const paused = performance.now()
    const timed = async <T>(answer: Promise<T>) => {
      const stop = startWatch()
      return { ...(await answer), ms: stop() }
    }
    const answers = [timed(browser.get('/me')), timed(browser.post('/login'))]
    const acks = [timed(browser.emit('GET /me')), timed(browser.emit('POST /login'))]

    for (const { status, headers, ms } of await Promise.all(answers)) {
      expect([status, headers.get('retry-after')]).toEqual([503, '2'])
      expect(ms).toBeLessThan(1_750)
    }
    for (const { statusCode, headers, ms } of await Promise.all(acks)) {
      expect([statusCode, headers['retry-after']]).toEqual([503, '2'])
      expect(ms).toBeLessThan(1_750)
    }
    // It was given its time.
    expect(performance.now() - paused).toBeGreaterThan(1_000)
  })
})

describeOwnRedis('P12: when the store was down', () => {
  it('nobody is logged out by it', async () => {
    const { redis, browser } = await loggedIn({ onStoreError: 'anonymous' })
    redis.pause()
    await both(browser, '/me')

    redis.resume()
    await expect
      .poll(() => both(browser, '/me'), { timeout: 2000 })
      .toEqual([
        [200, { userId: 'ada' }],
        [200, { userId: 'ada' }],
      ])
  })
})

describe.each<[string, (call: () => void) => void]>([
  ['hangs', () => {}],
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
])('P12: when a Connect store %s', (_, fail) => {
  it('both doors say 503 in time and at once after that, and it is used again when it is back', async () => {
    let broken = false
    const store = createOtherStore(Date.now, (call) => (broken ? fail(call) : call()))
    const app = await liftFiles({}, { routes, session: { store, storeTimeout: 0.5 } })
    const browser = app.browser()
    await browser.post('/login')
    await browser.socket()

    broken = true
    const started = performance.now()
    expect(await both(browser, '/me')).toEqual([down, down])
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(503)
    expect(await both(browser, '/page')).toEqual([stranger, stranger])
    expect(performance.now() - started).toBeLessThan(5 * 750)

    broken = false
    await expect
      .poll(() => both(browser, '/me'), { timeout: 2000 })
      .toEqual([
        [200, { userId: 'ada' }],
        [200, { userId: 'ada' }],
      ])
  })
})

describe('onStoreError', () => {
  it('of a route must be one of the two words', async () => {
    const wrong = { 'GET /': { fn: who, onStoreError: 'ignore' } }

    await expect(liftFiles({}, { routes: wrong })).rejects.toThrow(
      /'onStoreError' is ignore\n.*'fail' or 'anonymous'/,
    )
  })
})
