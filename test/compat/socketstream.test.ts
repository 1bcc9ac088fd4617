/** Seed 001, row by row: the session of a SocketStream app over HTTP and over a socket. */
import { createHmac, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { SocketStream } from '../../src/compat/socketstream.ts'
import { MemoryStore } from '../../src/session/stores/memory-store.ts'
import { createOtherStore } from '../session/stores/connect-store.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { documented, startStream } from './socketstream-ground.ts'

const expressSession = createRequire(import.meta.url)('express-session')
const cart = { items: 3, checkout: false }

/** Routes that show and set, beside those of the document. */
function routes(ss: SocketStream): void {
  ss.http.router.on('/session', (req, res) => res.end(JSON.stringify(req.session)))
  ss.http.router.on('/set/*', (req, res) => {
    req.session.page = req.url
    res.end()
  })
}

const seen = async (page: Promise<unknown>) => JSON.parse(String(await page))

describe('seed 001: SocketStream', () => {
  it('001-01: shares a session between HTTP and sockets, both ways', async () => {
    const { page, rpc } = (await startStream({ app: routes })).visitor()

    await page('/set/a')
    expect(await rpc('app.getSession')).toMatchObject({ page: '/set/a' })
    await rpc('app.updateSession')
    expect(await seen(page('/session'))).toMatchObject({ page: '/set/a', myVar: 1234 })
  })

  it('001-02: lets an Express app read what a socket has saved', async () => {
    const { page, rpc } = (
      await startStream({
        app: routes,
        listener(ss) {
          const app = express().use(ss.http.middleware)
          app.get('/me', (req, res) => res.json(req.session))
          return app
        },
      })
    ).visitor()
    await page('/session')
    await rpc('app.updateSession')

    expect(await page('/me')).toMatchObject({ myVar: 1234, cart })
  })

  it('001-02: lets an app of express-session with that store and secret read and write it', async () => {
    const store = new expressSession.MemoryStore()
    const { visitor } = await startStream({
      app: (ss) => ss.session.store.use(store),
      listener() {
        const options = { secret: 'SocketStream', resave: false, saveUninitialized: false }
        const app = express().use(expressSession({ ...options, store }))
        app.get('/', ({ session }: express.Request & { session?: object }, res) => {
          Object.assign(session ?? {}, { page: true })
          res.json(session)
        })
        return app
      },
    })
    const { page, rpc } = visitor()
    await rpc('app.updateSession')

    expect(await page('/')).toMatchObject({ myVar: 1234, cart })
    expect(await rpc('app.getSession')).toMatchObject({ myVar: 1234, page: true })
  })

  it('001-03: asks the store nothing for a call that does not use the session', async () => {
    const store = createOtherStore(Date.now)
    const files = {
      'server/rpc/plain.js': `exports.actions = (req, res) => ({
        square: (n) => res(n * n, req.session === undefined, req.sessionId.length > 20),
      })`,
    }
    const { browser, page, rpc } = (
      await startStream({ files, app: (ss) => ss.session.store.use(store) })
    ).visitor()
    await page('/')
    await browser.socket()
    store.calls()

    expect(await Promise.all([1, 2, 3].map((n) => rpc('plain.square', n)))).toEqual([1, 4, 9])
    expect(store.calls()).toEqual([])
  })

  it('001-04: loads it when `req.use` asks, once per call, in the order of the steps', async () => {
    const store = createOtherStore(Date.now)
    const files = {
      'server/rpc/app.js': `exports.actions = (req, res) => {
        const seen = []
        req.use((req, res, next) => { seen.push(typeof req.session); next() })
        req.use('session')
        req.use((req, res, next) => { seen.push(typeof req.session); next() })
        return { order: () => seen }
      }`,
    }
    const { page, browser, rpc } = (
      await startStream({ files, app: (ss) => ss.session.store.use(store) })
    ).visitor()
    await page('/')
    await browser.socket()
    store.calls()

    expect(await rpc('app.order')).toEqual(['undefined', 'object'])
    expect(store.calls()).toEqual(['get'])
  })

  it('001-05: takes RPC files as the document writes them, in folders too', async () => {
    const files = {
      ...documented,
      'server/rpc/deep/er.js': `exports.actions = () => ({ hello: (name) => 'hello ' + name })`,
    }
    const { rpc } = (await startStream({ files })).visitor()

    expect(await rpc('deep.er.hello', 'ada')).toBe('hello ada')
    expect(await rpc('app.updateSession')).toBe(true)
  })

  it('001-06: has the session at req.session within the actions', async () => {
    const files = {
      'server/rpc/app.js': `exports.actions = (req, res) => {
        req.use('session')
        return { kind: () => [typeof req.session, typeof req.session.save] }
      }`,
    }

    expect(await (await startStream({ files })).visitor().rpc('app.kind')).toEqual([
      'object',
      'function',
    ])
  })

  it('001-07: hands out the whole session as the document’s getSession does', async () => {
    const { rpc } = (await startStream()).visitor()
    await rpc('app.updateSession')

    expect(await rpc('app.getSession')).toEqual({
      cookie: expect.objectContaining({ path: '/' }),
      myVar: 1234,
      cart,
    })
  })

  it('001-08: keeps values of any depth, on both transports', async () => {
    const { page, rpc } = (await startStream({ app: routes })).visitor()
    await rpc('app.updateSession')

    expect((await seen(page('/session'))).cart).toEqual(cart)
  })

  it('001-09: stores at `save(callback)` and not before: what nobody saves is gone', async () => {
    const files = {
      'server/rpc/app.js': `exports.actions = (req, res) => {
        req.use('session')
        return {
          forget: () => { req.session.lost = 1; return true },
          get: () => req.session,
          keep: () => { req.session.kept = 1; req.session.save((error) => res(!error)) },
        }
      }`,
    }
    const { rpc } = (await startStream({ files })).visitor()

    await rpc('app.forget')
    expect(await rpc('app.get')).not.toHaveProperty('lost')
    expect(await rpc('app.keep')).toBe(true)
    expect(await rpc('app.get')).toHaveProperty('kept', 1)
  })

  it('001-10: loads it by itself over HTTP', async () => {
    const { page, rpc } = (await startStream({ app: routes })).visitor()
    await rpc('app.updateSession')

    expect(await seen(page('/session'))).toMatchObject({ myVar: 1234, cart })
  })

  /** The document's route, and one that shows. */
  function updating(ss: SocketStream): void {
    routes(ss)
    ss.http.router.on('/updateSession', (req, res) => {
      req.session.myVar = 4321
      res.end('req.session.myVar has been updated to', req.session.myVar)
    })
  }

  it('001-11: serves what ss.http.router.on gives it, and nothing else', async () => {
    const { page } = (await startStream({ app: updating })).visitor()

    expect(await page('/updateSession')).toContain('req.session.myVar has been updated to')
    expect(await page('/unknown')).toBe('Not Found')
  })

  it('001-12: saves by res.end()', async () => {
    const { page } = (await startStream({ app: updating })).visitor()
    await page('/updateSession')

    expect(await seen(page('/session'))).toHaveProperty('myVar', 4321)
  })

  it('001-13: writes the value that res.end has behind its text, though it is no encoding', async () => {
    const { page } = (await startStream({ app: updating })).visitor()

    expect(await page('/updateSession')).toBe('req.session.myVar has been updated to 4321')
  })

  it('001-14: keeps sessions in memory unless told otherwise', async () => {
    const { ss, visitor } = await startStream({ app: routes })
    await visitor().page('/set/a')

    expect(ss.session.store.get()).toBeInstanceOf(MemoryStore)
    expect(Object.keys((ss.session.store.get() as MemoryStore).sessions)).toHaveLength(1)
  })

  it('001-22: does not start when its secret was left out of the environment', async () => {
    const app = (ss: SocketStream) => {
      ss.session.options.secret = undefined
    }

    await expect(startStream({ app })).rejects.toThrow('ss.session.options.secret is empty')
  })

  it.each([
    ['001-15', 'a store', "ss.session.store.use('redis')"],
    ['001-23', 'a secret', 'ss.session.options.secret'],
  ])('%s: advises in production to choose %s, once', async (_row, _what, advice) => {
    vi.stubEnv('NODE_ENV', 'production')
    const { warnings, visitor } = await startStream({ app: routes })
    await visitor().page('/session')
    await visitor().page('/session')
    const quiet = await startStream({
      app(ss) {
        ss.session.store.use(createOtherStore(Date.now))
        ss.session.options.secret = randomBytes(32).toString('hex')
      },
    })
    vi.unstubAllEnvs()

    expect(warnings).toHaveLength(2)
    expect(warnings.filter((said) => said.includes(advice))).toHaveLength(1)
    expect(quiet.warnings).toEqual([])
  })

  it('001-18: takes any Connect store, and refuses what is none', async () => {
    const store = createOtherStore(Date.now)
    const { ss, visitor } = await startStream({ app: (ss) => ss.session.store.use(store) })
    await visitor().rpc('app.updateSession')

    expect(store.calls()).toEqual(expect.arrayContaining(['get', 'set']))
    expect(ss.session.store.get()).toBe(store)
    await expect(
      startStream({ app: (other) => other.session.store.use('memcached' as never) }),
    ).rejects.toThrow(/memcached/)
  })

  it('001-19: keeps them for 30 days without a visit in memory, too', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { page } = (await startStream({ app: routes })).visitor()
    const pass = (days: number) => vi.setSystemTime(Date.now() + days * 86_400_000)
    await page('/set/a')

    pass(29.9)
    expect(await seen(page('/session'))).toHaveProperty('page')
    pass(29.9)
    expect(await seen(page('/session'))).toHaveProperty('page')
    pass(30.1)
    expect(await seen(page('/session'))).not.toHaveProperty('page')
  })

  it('001-20: ends with the browser: the cookie has no end of its own', async () => {
    const { visitor } = await startStream({ app: routes })
    const { browser } = visitor()

    const [line] = (await browser.get('/session')).headers.getSetCookie()

    expect(line).toMatch(/^connect\.sid=s%3A[^;]+; Path=\/; HttpOnly$/)
  })

  it('001-21: gives the example’s 8640000 its 2.4 hours', async () => {
    const { visitor } = await startStream({
      app(ss) {
        ss.session.options.maxAge = 8640000
        routes(ss)
      },
    })

    const [line] = (await visitor().browser.get('/set/a')).headers.getSetCookie()

    const [, end = ''] = /Expires=([^;]+)/.exec(line ?? '') ?? []
    const hours = (Date.parse(end) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(2.39)
    expect(hours).toBeLessThanOrEqual(2.4)
  })

  it('001-21: ends after `maxAge` milliseconds on both transports', async () => {
    const { visitor } = await startStream({
      app(ss) {
        ss.session.options.maxAge = 2500
        routes(ss)
      },
    })
    const { browser, page, rpc } = visitor()
    const [line] = (await browser.get('/set/a')).headers.getSetCookie()
    expect(line).toMatch(/; Expires=/)
    expect(await rpc('app.getSession')).toHaveProperty('page')
    const cookie = browser.cookie()

    await sleep(2700)

    expect(await rpc('app.getSession')).toMatchObject({ error: { code: 'E_SESSION_ENDED' } })
    const late = await browser.get('/session', { cookie })
    expect(JSON.parse(String(late.body))).not.toHaveProperty('page')
    expect(await seen(page('/session'))).not.toHaveProperty('page')
  })

  it('001-22: signs by `SocketStream`, or by the secret it is given, and takes no other', async () => {
    const sign = (id: string, secret: string) =>
      `s:${id}.${createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')}`
    const store = createOtherStore(Date.now)
    const use = (secret?: string) => (ss: SocketStream) => {
      ss.session.store.use(store)
      if (secret) ss.session.options.secret = secret
      routes(ss)
    }
    const [plain, own] = [
      await startStream({ app: use() }),
      await startStream({ app: use(randomBytes(32).toString()) }),
    ]
    const { browser, page } = plain.visitor()
    await page('/set/a')
    const [name, value = ''] = browser.cookie().split('=')
    const [id = ''] = decodeURIComponent(value).slice(2).split('.')

    expect(decodeURIComponent(value)).toBe(sign(id, 'SocketStream'))
    const cookie = `${name}=${value}`
    const other = await own.visitor().browser.get('/session', { cookie })
    expect(JSON.parse(String(other.body))).not.toHaveProperty('page')
    expect(other.headers.getSetCookie()).toHaveLength(1)
  })
})

describeOwnRedis('seed 001: SocketStream over redis', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis({ own: true })
  })
  afterAll(() => server.close())

  /** The only record after a call that saved, and the **seconds** it has to live. */
  async function saved() {
    const client = createClient({ url: server.url })
    await client.connect()
    await client.flushDb()
    const { visitor } = await startStream({
      app(ss) {
        ss.session.store.use('redis', { port: server.port })
        routes(ss)
      },
    })
    const { page, rpc } = visitor()
    await page('/session')
    expect(await rpc('app.updateSession')).toBe(true)
    const [key = ''] = await client.keys('*')
    const [text, life] = await Promise.all([client.get(key), client.ttl(key)])
    await client.close()
    return { key, data: JSON.parse(text ?? ''), life }
  }

  it('001-16: keeps rows at `sess:` as connect-redis does', async () => {
    const { key, data } = await saved()

    expect(key).toMatch(/^sess:[\w-]{20,}$/)
    expect(data).toMatchObject({ myVar: 1234, cart })
  })

  it('001-17: finds the redis its configuration points to', async () => {
    expect((await saved()).data).toHaveProperty('cookie')
  })

  // The document's 30 days; SocketStream's code had forgotten them.
  it('001-19: keeps them for 30 days', async () => {
    const days = (await saved()).life / 86_400

    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThanOrEqual(30)
  })
})
