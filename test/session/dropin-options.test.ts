/** Those options of ours that session() takes beside express-session's. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { MemoryStore, type SessionOptions } from '../../src/session/dropin.ts'
import { ConnectFace } from '../../src/session/stores/connect-face.ts'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import { type Act, count, startDropIn } from './dropin-ground.ts'
import { createOtherStore } from './stores/connect-store.ts'

describe('maxBytes of session()', () => {
  it.each<[string, SessionOptions, number]>([
    ['65,536 unless given', {}, 65_536],
    ['what was given', { maxBytes: 300 }, 300],
  ])('P14: is %s', async (_, options, most) => {
    const { browser, errors } = await startDropIn((req, res) => {
      const { length } = JSON.stringify({ cookie: req.session.cookie, text: '' })
      req.session['text'] = 'x'.repeat(most - length + (req.url === '/more' ? 1 : 0))
      res.end('ok')
    }, options)

    expect((await browser()('/fits')).body).toBe('ok')
    expect((await browser()('/more')).status).toBe(500)
    expect(errors).toMatchObject([{ code: 'E_SESSION_TOO_LARGE' }])
  })
})

describe('merge of session()', () => {
  it.each<[string, SessionOptions, string]>([
    ['a counter counts what parallel requests add', { merge: { views: 'counter' } }, '4'],
    ['without it the later one counts', {}, '3'],
  ])('P4: %s', async (_, options, expected) => {
    let waiting = 0
    const both = Promise.withResolvers<void>()
    const { browser } = await startDropIn(async (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1
      if (req.url === '/both') {
        waiting += 1
        if (waiting === 2) both.resolve()
        await both.promise
      }
      res.end(String(req.session.views))
    }, options)
    const ask = browser()
    await ask()

    await Promise.all([ask('/both'), ask('/both')])

    expect((await ask()).body).toBe(expected)
  })
})

describe('user of session()', () => {
  it.each<[string, SessionOptions, boolean]>([
    ['a login changes the id', { user: 'userId' }, true],
    ['without it none does', {}, false],
  ])('P10: %s', async (_, options, isOther) => {
    const { browser } = await startDropIn((req, res) => {
      req.session[req.url === '/in' ? 'userId' : 'note'] = 'ada'
      res.end()
    }, options)
    const ask = browser()
    await ask()
    const before = ask.cookie

    await ask('/in')

    expect(ask.cookie !== before).toBe(isOther)
  })
})

describe('onStoreError of session()', () => {
  it.each<[SessionOptions['onStoreError'], unknown[]]>([
    ['anonymous', [200, '1', []]],
    ['fail', [500, 'boom', [new Error('boom')]]],
    [undefined, [500, 'boom', [new Error('boom')]]],
  ])('P12: %s', async (onStoreError, expected) => {
    const store = createOtherStore(Date.now)
    const options = onStoreError ? { store, onStoreError } : { store }
    const { browser, errors } = await startDropIn((req, res) => {
      req.session.views = (req.session.views ?? 0) + 1
      res.end(String(req.session.views))
    }, options)
    const ask = browser()
    await ask()
    store.get = (_id, done) => done(new Error('boom'))

    const { status, body } = await ask()

    expect([status, body, errors]).toEqual(expected)
  })
})

describe('storeTimeout of session()', () => {
  it.each<[string, SessionOptions, number]>([
    ['1.5 seconds unless given', {}, 5_000],
    ['what was given', { storeTimeout: 0.05 }, 1_000],
  ])('P12: is %s', async (_, options, late) => {
    const store = createOtherStore(Date.now)
    const once: Act = (req, res) => {
      req.session.views ??= 1
      res.end()
    }
    const ask = (await startDropIn(once, { store, ...options })).browser()
    await ask()
    const { get } = store
    store.get = (...given) => setTimeout(get, late, ...given).unref()

    expect((await ask()).status).toBe(503)
  })
})

describe('ttl of session()', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const storeOf = (ttl: number) =>
    new ConnectFace(createMemoryStore({ clock: () => Date.now() }), { ttl }) as object

  it.each<[string, SessionOptions, number]>([
    ['a day unless given', {}, 86_400],
    ['what was given', { ttl: 60 }, 60],
    ['what its store says', { store: storeOf(70) }, 70],
    ['what was given, before its store', { store: storeOf(70), ttl: 60 }, 60],
  ])('P9: is %s', async (_, options, seconds) => {
    const ask = (await startDropIn(count, { store: new MemoryStore(), ...options })).browser()
    await ask()

    vi.setSystemTime(Date.now() + seconds * 1_000 - 1)
    expect((await ask()).body).toBe('2')
    vi.setSystemTime(Date.now() + seconds * 1_000)
    expect((await ask()).body).toBe('1')
  })
})

describe('a life of session()', () => {
  it('P9: may be part of a second', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const ask = (await startDropIn(count, { cookie: { maxAge: 300 } })).browser()
    await ask()

    vi.setSystemTime(Date.now() + 299)
    expect((await ask()).body).toBe('2')
    vi.setSystemTime(Date.now() + 300)
    expect((await ask()).body).toBe('1')
  })
})

describe('what a Connect store under session() is handed', () => {
  it('has no end where the cookie has none, as in express-session', async () => {
    const store = createOtherStore(Date.now)
    const ask = (await startDropIn(count, { store })).browser()

    await ask()

    expect(store.last()?.cookie.expires).toBeNull()
  })

  it('P7: has its full life again where it is only touched', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = createOtherStore(Date.now)
    const once: Act = (req, res) => {
      req.session.views ??= 1
      res.end()
    }
    const ask = (await startDropIn(once, { store, cookie: { maxAge: 60_000 } })).browser()
    await ask()
    vi.setSystemTime(Date.now() + 30_000)

    await ask()

    expect(store.calls().at(-1)).toBe('touch')
    expect(store.last()?.cookie.maxAge).toBe(60_000)
  })
})
