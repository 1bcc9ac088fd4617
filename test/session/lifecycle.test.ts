import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSigner } from '../../src/session/cookie.ts'
import { describeRedis } from '../support/redis.ts'
import { createGround, createRequest, type Data, dataOf, loggedIn, openEvent } from './ground.ts'
import { redisStore } from './stored.ts'

const signed = (id: string, secret = 'keyboard cat') =>
  `sid=${encodeURIComponent(createSigner('sid', [secret]).sign(id))}`
const hour = 3_600_000

describe('a visitor without a session', () => {
  it.each([
    ['no cookie', undefined],
    ['other cookies', 'theme=dark; lang=de'],
    ['an unsigned id', 'sid=0123456789'],
    ['a badly signed id', 'sid=s%3A0123456789.forged'],
  ])('P1: does not make the store work: %s', async (_, cookie) => {
    const { browser, store } = createGround()

    const line = await browser(cookie).visit()

    expect([line, store.calls()]).toEqual([undefined, []])
  })

  it('P8: is neither stored nor given a cookie without data', async () => {
    const { browser, store } = createGround()

    const line = await browser().visit((session) => {
      session.touch()
      session['temporary'] = 1
      delete session['temporary']
    })

    expect([line, store.calls(), await store.count()]).toEqual([undefined, [], 0])
  })

  it('P8: is stored and gets a cookie with the first data', async () => {
    const { browser, store } = createGround()
    const visitor = browser()

    const line = await visitor.visit((session) => {
      session['views'] = 1
    })

    expect(line).toMatch(/^sid=s%3A[\w-]{32}\.[^;]+; Path=\/; HttpOnly$/)
    expect(store.calls()).toEqual(['create'])
    expect(await visitor.data()).toEqual({ views: 1 })
  })

  it('is stored at once with saveUninitialized', async () => {
    const { browser, store } = createGround({ saveUninitialized: true })
    const visitor = browser()

    const first = await visitor.visit()
    const second = await visitor.visit()

    expect([first, second]).toEqual([expect.stringMatching(/^sid=/), undefined])
    expect(await store.count()).toBe(1)
  })
})

describe('an id that is not known', () => {
  it.each([
    ['unsigned', 'sid=chosen'],
    ['badly signed', 'sid=s%3Achosen.forged'],
    ['signed but unknown', signed('chosen')],
    ['signed by another secret', signed('chosen', 'other')],
  ])('P2: is never adopted: %s', async (_, cookie) => {
    const { browser, store } = createGround()
    const visitor = browser(cookie)

    const { req, end } = await visitor.open()
    const before = dataOf(req.session)
    req.session['a'] = 1
    await end()

    expect(before).toEqual({})
    expect(req.sessionID).not.toBe('chosen')
    expect(await store.textOf('chosen')).toBeUndefined()
    expect(await visitor.data()).toEqual({ a: 1 })
  })

  it('P2: gives way to a known one that comes along', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const both = [signed('unknown'), 'sid=forged', browser.cookie].join('; ')

    const { req } = await ground.browser(both).open()

    expect(req.sessionID).toBe(id)
    expect(ground.store.calls()).toEqual(['read', 'read'])
  })

  it('P2: is tried together with four others, no more', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const behind = (others: number) =>
      [...Array(others).keys()].map((name) => signed(`unknown${name}`)).concat(browser.cookie)

    const fifth = await ground.browser(behind(4).join('; ')).data()
    const sixth = await ground.browser(behind(5).join('; ')).data()

    expect([fifth, sixth]).toEqual([{ userId: 'ada' }, {}])
  })

  it('P2: is told to the sockets of a properly signed one, after the answer that replaces it', async () => {
    const { browser, sessions, told } = createGround()
    const { req, visit } = await browser(signed('old')).open()
    req.session['a'] = 1

    await sessions.commit(visit)
    const before = [...told.ended]
    sessions.answered(visit)

    expect(before).toEqual([])
    expect(told.ended).toEqual([{ id: 'old', reason: 'replaced', reconnect: true }])
  })

  it('P2: is told to nobody when the visitor stores nothing', async () => {
    const { browser, told } = createGround()

    await browser(signed('old')).visit()

    expect(told.ended).toEqual([])
  })
})

describe('the way to the store', () => {
  it('P7: takes one round trip for a read and two for a write', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit()
    const read = ground.store.calls()
    await browser.visit((session) => {
      session['views'] = 1
    })
    const write = ground.store.calls()

    expect([read, write]).toEqual([['read'], ['read', 'swap']])
  })

  it('P7: renews the life in the same round trip, a tenth of it later', async () => {
    const ground = createGround({ ttl: 1000 })
    const { browser } = await loggedIn(ground)

    ground.time.now += 99_000
    await browser.visit()
    const early = ground.store.calls()
    ground.time.now += 1_000
    await browser.visit()
    const due = ground.store.calls()
    await browser.visit()
    const again = ground.store.calls()

    expect([early, due, again]).toEqual([['read'], ['read+renew'], ['read']])
  })

  it('P7: renews by a touch what this process does not know yet, once', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const other = ground.node().browser(browser.cookie)

    await other.visit()
    const first = ground.store.calls()
    await other.visit()
    const second = ground.store.calls()

    expect([first, second]).toEqual([['read', 'touch'], ['read']])
  })

  it('P7: renews with every read when touchAfter is 0', async () => {
    const ground = createGround({ touchAfter: 0 })
    const { browser } = await loggedIn(ground)

    await browser.visit()
    await browser.visit()

    expect(ground.store.calls()).toEqual(['read+renew', 'read+renew'])
  })

  it('P7: is short for what changed and came back', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit((session) => {
      session['userId'] = 'bob'
      session['userId'] = 'ada'
    })

    expect(ground.store.calls()).toEqual(['read'])
  })

  const costs: [string, (session: Data) => unknown, object][] = [
    ['for a read that changes nothing neither parses nor writes a text', () => {}, [0, 0]],
    // Its name and its value.
    ['for a change writes the field alone', (session) => Object.assign(session, { a: 1 }), [0, 2]],
  ]

  it.each(costs)('%s', async (_, visit, expected) => {
    const ground = createGround({ user: undefined })
    const { browser } = await loggedIn(ground)
    const parse = vi.spyOn(JSON, 'parse')
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => void vi.restoreAllMocks())

    await browser.visit(visit)

    expect([parse.mock.calls.length, stringify.mock.calls.length]).toEqual(expected)
  })
})

describe('the life of a session', () => {
  it('P9: is a day without being used, unless told otherwise', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    ground.time.now += 24 * hour - 1
    const kept = await ground.node().browser(browser.cookie).data()
    ground.time.now += 1
    const gone = await ground.node().browser(browser.cookie).data()

    expect([kept, gone]).toEqual([{ userId: 'ada' }, {}])
  })

  it.each<[string, object, number]>([
    ['ttl', { ttl: 60 }, 60_000],
    ['cookie.maxAge', { cookie: { maxAge: 90_000 } }, 90_000],
    ['cookie.maxAge before ttl', { ttl: 600, cookie: { maxAge: 90_000 } }, 90_000],
  ])('P9: follows %s', async (_, options, life) => {
    const ground = createGround(options)
    const { browser } = await loggedIn(ground)

    ground.time.now += life - 1
    const kept = await ground.store.count()
    ground.time.now += 1
    const gone = await browser.data()

    expect([kept, gone]).toEqual([1, {}])
  })

  it.each<[string, object]>([
    ['ttl', { ttl: 60 }],
    ['cookie.maxAge', { cookie: { maxAge: 60_000 } }],
    ['a touchAfter of 20', { ttl: 60, touchAfter: 20 }],
  ])('P9: goes on as long as it is used, with %s', async (_, options) => {
    const ground = createGround(options)
    const { browser } = await loggedIn(ground)

    for (let minute = 0; minute < 10; minute += 1) {
      ground.time.now += 35_000
      await browser.visit()
    }

    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('P9: is told to the browser each time it is renewed', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser } = await loggedIn(ground)

    ground.time.now += 5_000
    const early = await browser.visit()
    ground.time.now += 5_000
    const due = await browser.visit()

    expect(early).toBeUndefined()
    expect(due).toContain(`Expires=${new Date(ground.time.now + 100_000).toUTCString()}`)
  })

  it('P9: is not shortened by the ticking of the clock', async () => {
    const ground = createGround({ cookie: { maxAge: 60_000 } })
    const ticking = vi.spyOn(Date, 'now')
    let tick = ground.time.now
    ticking.mockImplementation(() => (tick += 1))
    onTestFinished(() => ticking.mockRestore())

    const { id } = await loggedIn(ground)

    const text = (await ground.store.textOf(id)) ?? ''
    expect(JSON.parse(text).cookie.originalMaxAge).toBe(60_000)
  })

  it('P9: is one session’s own when it sets cookie.maxAge', async () => {
    const ground = createGround({ ttl: 60 })
    const { browser } = await loggedIn(ground)
    const other = await loggedIn(ground)

    const line = await browser.visit((session) => {
      session.cookie.maxAge = 600_000
    })
    ground.time.now += 500_000

    expect(line).toContain('Expires=')
    expect([await browser.data(), await other.browser.data()]).toEqual([{ userId: 'ada' }, {}])
  })

  it('P9: is the usual one again when a session gives up its cookie.maxAge', async () => {
    const ground = createGround({ ttl: 60, cookie: { maxAge: 600_000 } })
    const { browser } = await loggedIn(ground)

    const line = await browser.visit((session) => {
      session.cookie.maxAge = null
    })
    ground.time.now += 61_000

    expect(line).not.toContain('Expires=')
    expect(await browser.data()).toEqual({})
  })

  it('is renewed by touch at once, by one command and no write', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser, id } = await loggedIn(ground)
    const before = await ground.store.textOf(id)
    ground.time.now += 1_000

    const line = await browser.visit((session) => {
      session.touch()
      expect(session.cookie.expires).toEqual(new Date(ground.time.now + 100_000))
      expect(session.cookie.originalMaxAge).toBe(100_000)
    })
    const calls = ground.store.calls()
    ground.time.now += 99_500

    expect(calls).toEqual(['read', 'touch'])
    expect(await ground.store.textOf(id)).toBe(before)
    expect(line).toContain('Expires=')
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('takes resetMaxAge for a touch', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser } = await loggedIn(ground)

    await browser.visit((session) => session.resetMaxAge())

    expect(ground.store.calls()).toEqual(['read', 'touch'])
  })

  it('that ended between read and touch sends no cookie and tells its sockets', async () => {
    const ground = createGround({ touchAfter: 0, rolling: true })
    const { browser, id } = await loggedIn(ground)
    const { req, end } = await browser.open()
    req.session.touch()

    await ground.store.destroy(id)
    const line = await end()

    expect(line).toBeUndefined()
    expect(await ground.store.count()).toBe(0)
    expect(ground.told.ended).toEqual([{ id, reason: 'expired', reconnect: true }])
  })
})

describe('the cookie of an answer', () => {
  it('comes with each answer when rolling, with a full life', async () => {
    const ground = createGround({ rolling: true, cookie: { maxAge: 100_000 } })
    const { browser } = await loggedIn(ground)
    const stranger = ground.browser()

    ground.time.now += 5_000
    const line = await browser.visit()

    expect(line).toContain(`Expires=${new Date(ground.time.now + 100_000).toUTCString()}`)
    expect(await stranger.visit()).toBeUndefined()
  })

  it('comes once when it has no expiry', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    const line = await browser.visit((session) => {
      session['more'] = 1
    })

    expect(line).toBeUndefined()
  })

  it('has the attributes of the configuration', async () => {
    const cookie = { domain: 'example.com', path: '/app', sameSite: 'lax', secure: true }
    const visitor = createGround({ cookie }).browser()
    visitor.secure = true

    const line = await visitor.visit((session) => {
      session['a'] = 1
    })

    expect(line?.split('; ').slice(1)).toEqual([
      'Domain=example.com',
      'Path=/app',
      'HttpOnly',
      'Secure',
      'SameSite=Lax',
    ])
  })

  it.each([
    [true, 'Secure'],
    [false, undefined],
  ])('is secure by auto as the request is: %s', async (secure, attribute) => {
    const visitor = createGround({ cookie: { secure: 'auto' } }).browser()
    visitor.secure = secure

    const line = await visitor.visit((session) => {
      session['a'] = 1
    })

    expect(line?.split('; ')[3]).toBe(attribute)
  })

  it.each([
    [true, ['Secure', 'SameSite=None']],
    [false, ['SameSite=Lax']],
  ])('goes to other sites by auto only over TLS: %s', async (secure, attributes) => {
    const ground = createGround({ cookie: { secure: 'auto', sameSite: 'auto' } })
    const visitor = ground.browser()
    visitor.secure = secure

    const set = await visitor.visit((session) => {
      session['a'] = 1
    })
    const cleared = await visitor.visit((session) => session.destroy())

    expect(set?.split('; ').slice(3)).toEqual(attributes)
    expect(cleared?.split('; ').slice(4)).toEqual(attributes)
  })

  it('follows a session that changes its attributes', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    const line = await browser.visit((session) => {
      session.cookie.path = '/only'
    })

    expect(line).toContain('Path=/only')
    expect(ground.store.calls()).toEqual(['read', 'swap'])
  })

  it('for TLS only leaves no orphan over plain http, and is warned of once', async () => {
    const { browser, store, told } = createGround({ cookie: { secure: true } })

    const lines = [
      await browser().visit((session) => {
        session['a'] = 1
      }),
      await browser().visit((session) => session.save()),
      await browser().visit(async (session) => {
        await session.update((data) => {
          data.views = 1
        })
        expect(dataOf(session)).toEqual({ views: 1 })
      }),
    ]

    expect(lines).toEqual([undefined, undefined, undefined])
    expect(await store.count()).toBe(0)
    expect(told.warned).toEqual([expect.stringMatching(/cookie\.secure is on.*http\.trustProxy/)])
  })

  it('that can’t be made keeps the answer and becomes its late error', async () => {
    const { browser } = createGround()
    const { req, visit, end } = await browser().open()
    req.session['a'] = 1
    req.session.cookie.path = 'a;b'

    const line = await end()

    expect(line).toBeUndefined()
    expect(visit.lateError).toBeInstanceOf(TypeError)
  })

  it('is taken back with the attributes it was set with', async () => {
    const cookie = { path: '/app', secure: true, sameSite: 'none', domain: 'example.com' }
    const ground = createGround({ cookie })
    const visitor = ground.browser()
    visitor.secure = true
    await visitor.visit((session) => {
      session['a'] = 1
    })

    const line = await visitor.visit((session) => session.destroy())

    expect(line).toBe(
      'sid=; Domain=example.com; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None',
    )
  })
})

describe('several secrets', () => {
  it('P11: honour a session signed by the old one, and sign it anew with the next answer', async () => {
    const ground = createGround({ secrets: ['old'] })
    const { browser, id } = await loggedIn(ground)
    const rotated = ground.node({ secrets: ['new', 'old'] }).browser(browser.cookie)

    const first = await rotated.visit()
    const second = await rotated.visit()

    expect(first?.startsWith(signed(id, 'new'))).toBe(true)
    expect(second).toBeUndefined()
  })

  it('P11: leave the life of the browser’s cookie whole when they sign it anew', async () => {
    const ground = createGround({ secrets: ['old'], cookie: { maxAge: 100_000 }, touchAfter: 60 })
    const { browser } = await loggedIn(ground)
    const node = ground.node({ secrets: ['new', 'old'] })
    ground.time.now += 90_000
    await ground.store.touch(await idOf(browser), 100)
    ground.time.now += 50_000

    const line = await node.browser(browser.cookie).visit()

    expect(line).toContain(`Expires=${new Date(ground.time.now + 100_000).toUTCString()}`)
  })

  it('P11: forget a session signed by one that was removed', async () => {
    const ground = createGround({ secrets: ['old'] })
    const { browser } = await loggedIn(ground)

    expect(
      await ground
        .node({ secrets: ['new'] })
        .browser(browser.cookie)
        .data(),
    ).toEqual({})
    expect(ground.store.calls()).toEqual([])
  })

  const idOf = async (browser: { cookie: string }) =>
    createSigner('sid', ['old']).idsIn(browser.cookie)[0]?.id ?? ''
})

describe('a stored text that can’t be read', () => {
  const encrypted = '{"encrypted":"1.by-an-app-with-encrypt"}'

  it.each(['', '{', 'null', '5', '"text"', '[1]', '[object Object]', encrypted])(
    'P13: is set aside, and its visitor starts anew: %s',
    async (text) => {
      const ground = createGround()
      const { browser, id } = await loggedIn(ground)
      await ground.store.put(id, text)

      const { req, end } = await browser.open()
      const before = dataOf(req.session)
      req.session['a'] = 1
      await end()

      expect(before).toEqual({})
      expect(req.sessionID).not.toBe(id)
      expect(await ground.store.textOf(id)).toBe(text)
      expect(await browser.data()).toEqual({ a: 1 })
    },
  )

  it('P13: is told of once', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    await ground.store.put(id, '{')

    await ground.browser(browser.cookie).visit()
    await ground.browser(browser.cookie).visit()

    expect(ground.told.unreadable).toEqual([id])
  })
})

describe('a store that is down', () => {
  function createDown(onStoreError: 'fail' | 'anonymous') {
    const ground = createGround({ onStoreError })
    const refuse = () => {
      throw Object.assign(new Error('down'), { status: 503 })
    }
    return { ground, cut: () => ground.store.before(refuse) }
  }

  it('fails the request that needs it', async () => {
    const { ground, cut } = createDown('fail')
    const { browser } = await loggedIn(ground)
    cut()

    await expect(browser.visit()).rejects.toThrow('down')
  })

  it('keeps answering those without a cookie', async () => {
    const { ground, cut } = createDown('fail')
    cut()

    await ground.browser().visit()

    expect(ground.store.calls()).toEqual([])
  })

  it('lets visitors in as strangers with anonymous, and neither keeps nor tells anything', async () => {
    const { ground, cut } = createDown('anonymous')
    const { browser } = await loggedIn(ground)
    const { cookie } = browser
    cut()

    const line = await browser.visit((session) => {
      expect(dataOf(session)).toEqual({})
      session['cart'] = 1
    })
    ground.store.before(undefined)

    expect([line, browser.cookie]).toEqual([undefined, cookie])
    expect(await browser.data()).toEqual({ userId: 'ada' })
    expect(await ground.store.count()).toBe(1)
  })

  it.each(['save', 'reload', 'regenerate', 'destroy'] as const)(
    'does not pretend to %s with anonymous',
    async (method) => {
      const { ground, cut } = createDown('anonymous')
      const { browser } = await loggedIn(ground)
      cut()
      const { req } = await browser.open()

      await expect(req.session[method]()).rejects.toThrow('does not answer')
    },
  )

  it('tells nobody of a logout that did not happen, awaited or not', async () => {
    const { ground, cut } = createDown('anonymous')
    const { browser } = await loggedIn(ground)
    cut()

    await expect(browser.visit((session) => void session.destroy())).rejects.toThrow(
      'does not answer',
    )
  })

  it('keeps the answer of a touch that failed, and gives its error after', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    ground.store.before((verb) => {
      if (verb === 'touch') throw new Error('touch failed')
    })
    const { visit, end } = await ground.node().browser(browser.cookie).open()

    await end()

    expect(visit.lateError).toEqual(new Error('touch failed'))
  })
})

describe('a socket', () => {
  const handshake = (ground: ReturnType<typeof createGround>, cookie?: string) =>
    ground.sessions.identify(createRequest() as never, cookie)

  it('finds the session its handshake names', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)

    const { identity, cookie } = await handshake(ground, browser.cookie)

    expect([identity.id, identity.stored, cookie]).toEqual([id, true, undefined])
  })

  it('gets a fresh id and its cookie without one, and nothing is stored', async () => {
    const ground = createGround()

    const { identity, cookie } = await handshake(ground, signed('unknown'))

    expect(identity.id).not.toBe('unknown')
    expect(cookie?.startsWith(signed(identity.id))).toBe(true)
    expect(await ground.store.count()).toBe(0)
  })

  it('gets no cookie for TLS only over plain http', async () => {
    const ground = createGround({ cookie: { secure: true } })

    expect((await handshake(ground)).cookie).toBeUndefined()
  })

  it('is let in while the store is down, as who it says it is', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    ground.store.before(() => {
      throw new Error('down')
    })

    const { identity } = await handshake(ground, browser.cookie)

    expect(identity.id).toBe(id)
    await expect(openEvent(ground, { identity, owner: {} })).rejects.toThrow('down')
  })

  it('keeps its id from its first data on, which HTTP then sees', async () => {
    const ground = createGround()
    const { identity, cookie } = await handshake(ground)

    const { req, end } = await openEvent(ground, { identity, owner: {} })
    req.session['a'] = 1
    const line = await end()

    expect(line).toBeUndefined()
    expect(await ground.browser(cookie?.split(';')[0]).data()).toEqual({ a: 1 })
  })

  it('is told when its session has expired, and its event is not run', async () => {
    const ground = createGround({ ttl: 60 })
    const { browser, id } = await loggedIn(ground)
    const { identity } = await handshake(ground, browser.cookie)
    ground.time.now += 61_000

    const opening = openEvent(ground, { identity, owner: {} })

    await expect(opening).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    await expect(openEvent(ground, { identity, owner: {} })).rejects.toThrow()
    expect(ground.told.ended).toEqual([{ id, reason: 'expired', reconnect: true }])
  })

  it('knows how long its session lives', async () => {
    const ground = createGround({ ttl: 60 })
    const { browser, id } = await loggedIn(ground)
    const { req, visit } = await browser.open()

    const usual = ground.sessions.lifeOf(visit)
    req.session.cookie.maxAge = 5_000

    const lives = [usual, ground.sessions.lifeOf(visit)]
    expect(lives.map(({ seconds }) => seconds)).toEqual([60, 5])
    expect(await ground.sessions.secondsLeft(id)).toBeGreaterThan(0)
    expect(await ground.sessions.secondsLeft('other')).toBe(0)
  })
})

describeRedis('sessions in redis', () => {
  it('P9: expire by the clock of redis', async () => {
    const redis = await redisStore()
    const ground = createGround({ store: redis.store, ttl: 60 })
    const { browser } = await loggedIn(ground)

    await redis.age(30)
    const kept = await browser.data()
    await redis.age(61)

    expect([kept, await browser.data()]).toEqual([{ userId: 'ada' }, {}])
  })
})
