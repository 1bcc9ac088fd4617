import { describe, expect, it } from 'vitest'
import { createJar } from '../../src/testing/jar.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { describeRedis, startRedis } from '../support/redis.ts'

const files: Files = {
  'config/policies.mjs': `export default { 'account/close': 'recent-login' }`,
  'api/controllers/account/close.mjs': `export default () => ({ closed: true })`,
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
    'POST /close': 'account/close',
  }`,
}
const visitor = async (session: object) => {
  const app = await liftFiles(files, { session: { user: 'userId', ...session } })
  const browser = app.browser()
  await browser.post('/login')
  return { app, browser }
}

describe.each(['memory', 'sqlite'])('the clock of a test app on %s', (adapter) => {
  it('lets a session end that nobody visits', async () => {
    const { app, browser } = await visitor({ adapter, ttl: 3600 })

    await app.clock.advance(3599)
    const before = await browser.get('/me')
    await app.clock.advance(3600)
    const after = await browser.get('/me')

    expect([before.body, after.body]).toEqual([{ userId: 'ada' }, { userId: null }])
  })

  it('lets a session end that is visited all the time', async () => {
    const { app, browser } = await visitor({ adapter, ttl: 600, absolute: 1000 })
    const seen: unknown[] = []

    for (let times = 0; times < 3; times += 1) {
      await app.clock.advance(400)
      seen.push((await browser.get('/me')).body)
    }

    expect(seen).toEqual([{ userId: 'ada' }, { userId: 'ada' }, { userId: null }])
  })

  it('makes a login old', async () => {
    const { app, browser } = await visitor({ adapter })

    const fresh = await browser.post('/close')
    await app.clock.advance(601)
    const old = await browser.post('/close')

    expect([fresh.status, old.body]).toMatchObject([200, { code: 'E_LOGIN_OLD' }])
  })

  it('lets the next event come as a stranger’s, as it does in a page', async () => {
    const { app, browser } = await visitor({ adapter, ttl: 3600 })
    await browser.emit('GET /me')

    await app.clock.advance(3600)

    expect(await browser.emit('GET /me')).toMatchObject({ statusCode: 200, body: { userId: null } })
  })

  it('ends the sockets of what is over', async () => {
    const { app, browser } = await visitor({ adapter, ttl: 3600 })
    const told = browser.next('session:ended')
    await browser.emit('GET /me')

    await app.clock.advance(3600)

    expect(await told).toEqual({ reason: 'expired', reconnect: true })
  })
})

describe('the clock of a test app', () => {
  it('makes a browser forget its cookie in time', async () => {
    const { app, browser } = await visitor({ cookie: { maxAge: 60_000 } })

    await app.clock.advance(59)
    const before = browser.cookie()
    await app.clock.advance(1)

    expect(before).toMatch(/^sails\.sid=/)
    expect(browser.cookie()).toBe('')
  })

  it('goes forward only', async () => {
    const { app } = await visitor({})

    await expect(app.clock.advance(-1)).rejects.toThrow(RangeError)
    await expect(app.clock.advance(Number.NaN)).rejects.toThrow(RangeError)
  })
})

describeRedis('the clock of a test app on redis', () => {
  it('says that it can not move the server’s', async () => {
    const redis = await startRedis()
    try {
      const { app } = await visitor({ adapter: 'redis', url: redis.url })

      await expect(app.clock.advance(60)).rejects.toMatchObject({ code: 'E_CLOCK' })
    } finally {
      await redis.close()
    }
  })
})

describe('the jar of a browser', () => {
  it('counts a Max-Age, and an end, by the clock', () => {
    let now = Date.parse('2030-01-01T00:00:00Z')
    const jar = createJar(() => now)
    const url = 'http://localhost:1'
    jar.keep('a=1; Max-Age=60', url)
    jar.keep('b=1; Expires=Tue, 01 Jan 2030 00:02:00 GMT', url)
    jar.keep('c=1', url)
    const all = jar.cookiesFor(url)

    now += 60_000
    const without = jar.cookiesFor(url)
    now += 60_000

    expect([all, without, jar.cookiesFor(url)]).toEqual(['a=1; b=1; c=1', 'b=1; c=1', 'c=1'])
  })

  it('forgets what it is told to', () => {
    const jar = createJar(Date.now)
    const url = 'http://localhost:1'
    jar.keep('a=1', url)

    jar.keep('a=; Max-Age=0', url)

    expect(jar.cookiesFor(url)).toBe('')
  })
})
