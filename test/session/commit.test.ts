import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CatamaranError } from '../../src/errors.ts'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import {
  createGround,
  createRequest,
  type Data,
  type GroundOptions,
  loggedIn,
  openEvent,
  type TestSession,
} from './ground.ts'

describe('a late writer', () => {
  it('P5: is told of, and its sockets are ended', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const late = await browser.open()
    late.req.session['late'] = 1

    await ground.store.destroy(id)
    const line = await late.end()

    expect(line).toBeUndefined()
    expect(ground.told).toMatchObject({
      dropped: [id],
      ended: [{ id, reason: 'destroyed', reconnect: false, owner: undefined }],
    })
  })

  it('P10: under an old id finds the new one gone, and ends nothing more', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const there = ground.node()
    const late = await there.browser(browser.cookie).open()
    late.req.session['late'] = 1
    await browser.visit((session) => session.rotate())

    await ground.store.destroy((await browser.open()).req.sessionID)
    await late.end()

    expect(there.told).toMatchObject({ dropped: [id], ended: [] })
  })

  it('P5: whose create is under way loses to the destroy of the same request', async () => {
    const ground = createGround()
    const visitor = ground.browser()
    const { req, end } = await visitor.open()
    const id = req.sessionID
    req.session['a'] = 1

    const saving = req.session.save()
    const destroying = req.session.destroy()
    await Promise.all([saving, destroying])
    const line = await end()

    expect(line).toBeUndefined()
    expect(ground.store.calls()).toEqual(['create', 'swap', 'destroy'])
    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('P5: whose create is under way loses to the end of its socket’s session', async () => {
    const ground = createGround()
    const { identity } = await ground.sessions.identify(createRequest() as never, undefined)
    const writing = await openEvent(ground, { identity, owner: {} })
    const ending = await openEvent(ground, { identity, owner: {} })
    writing.req.session['a'] = 1

    await Promise.all([writing.end(), ending.req.session.destroy()])

    expect(await ground.store.textOf(identity.id)).toBeUndefined()
  })

  it('P4: never writes onto another user', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground, { cart: 1 })
    const late = await browser.open()
    late.req.session['cart'] = 2
    const bob = ground.browser(browser.cookie)

    await bob.visit((session) => {
      session['userId'] = 'bob'
    })
    await late.end()

    expect(await bob.data()).toEqual({ cart: 1, userId: 'bob' })
    expect(ground.told.dropped).toEqual([id])
  })

  it('P4: never writes onto another user by an update either, but sees it under one id', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground, { cart: 1 })
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const late = await browser.open()
    late.req.session['cart'] = 2

    // Over a socket the login keeps the id.
    const login = await openEvent(ground, { identity, owner: {} })
    login.req.session['userId'] = 'bob'
    await login.end()
    await late.req.session.update((data) => {
      data.views = 1
    })
    await late.end()

    expect(late.req.session).toMatchObject({ cart: 1, userId: 'bob' })
    expect(await browser.data()).toEqual({ cart: 1, userId: 'bob', views: 1 })
    expect(ground.told.dropped).toEqual([id])
  })

  it('P4: crosses users where no user is configured', async () => {
    const ground = createGround({ user: undefined })
    const { browser } = await loggedIn(ground, { cart: 1 })
    const late = await browser.open()
    late.req.session['cart'] = 2

    await ground.browser(browser.cookie).visit((session) => {
      session['userId'] = 'bob'
    })
    await late.end()

    expect(await browser.data()).toEqual({ cart: 2, userId: 'bob' })
  })

  it('P4: does not undo the login of a parallel event on a fresh socket', async () => {
    const ground = createGround()
    const { identity, cookie } = await ground.sessions.identify(createRequest() as never, undefined)
    const login = await openEvent(ground, { identity, owner: {} })
    const cart = await openEvent(ground, { identity, owner: {} })
    login.req.session['userId'] = 'ada'
    cart.req.session['cart'] = 1

    await Promise.all([login.end(), cart.end()])

    expect(await ground.browser(cookie?.split(';')[0]).data()).toEqual({ userId: 'ada' })
    expect(ground.told.dropped).toEqual([identity.id])
  })

  it('P4: joins what parallel events on a fresh socket stored first', async () => {
    const ground = createGround()
    const { identity, cookie } = await ground.sessions.identify(createRequest() as never, undefined)
    const events = await Promise.all(
      [1, 2, 3].map(() => openEvent(ground, { identity, owner: {} })),
    )
    events.forEach(({ req }, index) => {
      req.session[`key${index}`] = index
    })

    await Promise.all(events.map(({ end }) => end()))

    const data = await ground.browser(cookie?.split(';')[0]).data()
    expect(data).toEqual({ key0: 0, key1: 1, key2: 2 })
  })
})

describe('a writer whom others are always before', () => {
  /** Each swap finds another text; the clocks of the pauses and of the store's time are the test's. */
  async function contested(options: GroundOptions = {}, swapTakes = 0) {
    const ground = createGround(options)
    const { browser, id } = await loggedIn(ground)
    let round = 0
    ground.store.before(async (verb) => {
      round += 1
      if (verb !== 'swap') return
      if (swapTakes > 0) await new Promise((resolve) => setTimeout(resolve, swapTakes))
      await ground.store.put(id, `{"cookie":{},"userId":"ada","n":${round}}`)
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const writing = browser.visit((session) => {
      session['late'] = 1
    })
    const heard = writing.catch((error: unknown) => error)
    return { ground, id, heard }
  }

  it('P4: gets 503 after ten rounds and a quarter of a second, and what is stored stays', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1)
    onTestFinished(() => random.mockRestore())
    const { ground, id, heard } = await contested()

    await vi.advanceTimersByTimeAsync(250)

    expect(await heard).toMatchObject({ code: 'E_SESSION_BUSY', status: 503 })
    expect(ground.store.calls()).toEqual(['read', ...Array(10).fill('swap')])
    expect(await ground.store.textOf(id)).not.toContain('late')
  })

  it('P12: gets it sooner when the time for the store is over', async () => {
    const store = { ...createMemoryStore({ clock: Date.now }), name: 'slow' }
    onTestFinished(() => store.close())
    const { ground, id, heard } = await contested({ store, storeTimeout: 1.5 }, 400)

    await vi.advanceTimersByTimeAsync(1_750)

    expect(await heard).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
    expect(ground.store.calls()).toEqual(['read', ...Array(4).fill('swap')])
    expect(await ground.store.textOf(id)).not.toContain('late')
  })
})

describe('an update', () => {
  const count = (data: Data) => {
    data.views = (data.views ?? 0) + 1
    return data.views
  }

  it('P6: gives what its function returns, and stores in two round trips', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    let result: unknown

    await browser.visit(async (session) => {
      result = await session.update(count)
      expect(session.views).toBe(1)
    })

    expect(result).toBe(1)
    expect(ground.store.calls()).toEqual(['read', 'read', 'swap'])
  })

  it('P6: and a change of this request are both kept, each where it was made', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const list = { items: [1] }

    await browser.visit(async (session) => {
      session['mine'] = list
      delete session['userId']
      await ground.browser(browser.cookie).visit((other) => {
        other['theirs'] = true
      })
      await session.update(count)
      expect(session).toMatchObject({ mine: { items: [1] }, theirs: true, views: 1 })
      expect(session['mine']).toBe(list)
      list.items.push(2)
    })

    expect(await browser.data()).toEqual({ mine: { items: [1, 2] }, theirs: true, views: 1 })
  })

  it('P6: on a new session stores it, with what it held, and sets the cookie', async () => {
    const ground = createGround()
    const visitor = ground.browser()

    const line = await visitor.visit(async (session) => {
      session['a'] = 1
      await session.update(count)
    })

    expect(line).toMatch(/^sid=/)
    expect(ground.store.calls()).toEqual(['create'])
    expect(await visitor.data()).toEqual({ a: 1, views: 1 })
  })

  it('P6: on a fresh socket counts parallel events', async () => {
    const ground = createGround()
    const { identity, cookie } = await ground.sessions.identify(createRequest() as never, undefined)

    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { req, end } = await openEvent(ground, { identity, owner: {} })
        await req.session.update(count)
        return end()
      }),
    )

    expect(await ground.browser(cookie?.split(';')[0]).data()).toEqual({ views: 10 })
  })

  it('is stored once with a session that has an expiry', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser, id } = await loggedIn(ground)
    ground.time.now += 5_000

    const line = await browser.visit((session) => session.update(count))

    const expires = new Date(ground.time.now + 100_000)
    expect(ground.store.calls()).toEqual(['read', 'read', 'swap'])
    expect(JSON.parse((await ground.store.textOf(id)) ?? '').cookie.expires).toBe(
      expires.toISOString(),
    )
    expect(line).toContain(`Expires=${expires.toUTCString()}`)
  })

  it('refuses an async function, awaited or not, and stores nothing', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const late = async (data: Data) => {
      data.views = 1
    }

    const awaited = browser.visit((session) => session.update(late))
    await expect(awaited).rejects.toMatchObject({ code: 'E_SESSION_UPDATE' })
    const forgotten = browser.visit((session) => void session.update(late))
    await expect(forgotten).rejects.toMatchObject({ code: 'E_SESSION_UPDATE' })

    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('that throws stores nothing, and its error is the action’s to handle', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit(async (session) => {
      const update = session.update((data) => {
        data.views = 1
        throw new Error('not enough')
      })
      await expect(update).rejects.toThrow('not enough')
    })

    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('that fails in the store fails the answer, awaited or not', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { req, end } = await browser.open()
    ground.store.before(() => {
      throw new CatamaranError('E_STORE_DOWN', ['test'])
    })

    req.session.update(count)

    await expect(end()).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
  })

  it('on an ended session is refused, and its sockets are told', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const { req } = await browser.open()
    await ground.store.destroy(id)

    await expect(req.session.update(count)).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(ground.told.ended).toMatchObject([{ id, reason: 'expired' }])
  })

  it('P5: by a parallel event is refused when the session ended before anything was stored', async () => {
    const ground = createGround()
    const { identity } = await ground.sessions.identify(createRequest() as never, undefined)
    const bound = { identity, owner: {} }
    const [ending, late] = [await openEvent(ground, bound), await openEvent(ground, bound)]

    await ending.req.session.destroy()

    await expect(late.req.session.update(count)).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(await ground.store.count()).toBe(0)
  })

  it('of a session that its request has let go is refused', async () => {
    const { browser } = await loggedIn(createGround())
    const { req } = await browser.open()
    const { session } = req
    Object.assign(req, { session: null })

    await expect(session.update(count)).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
  })

  it('gives its result where the browser would not take the cookie, and counts what is stored already', async () => {
    const ground = createGround({ cookie: { secure: true } })
    const safe = ground.browser()
    safe.secure = true
    await safe.visit((session) => session.update(count))
    const results: unknown[] = []
    const update = async (session: TestSession) => void results.push(await session.update(count))

    await ground.browser().visit(update)
    const plain = ground.browser(safe.cookie)
    await Promise.all([plain, plain, plain].map((browser) => browser.visit(update)))

    expect(results).toEqual([1, 2, 3, 4])
    expect(await safe.data()).toEqual({ views: 4 })
    expect(await ground.store.count()).toBe(1)
  })

  it('P9: on a session that is over by its absolute clock is refused, though it is stored', async () => {
    const ground = createGround({ absolute: 60 })
    const { browser, id } = await loggedIn(ground)
    const { req } = await browser.open()
    const old = { cookie: {}, userId: 'ada', _catamaran: { created: ground.time.now - 61_000 } }
    await ground.store.put(id, JSON.stringify(old))

    await expect(req.session.update(count)).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
  })

  it('P10: under an id that was rotated away is refused when the new one has ended, and ends nothing', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const there = ground.node()
    const late = await there.browser(browser.cookie).open()
    await browser.visit((session) => session.rotate())
    await late.req.session.update(count)

    await ground.store.destroy((await browser.open()).req.sessionID)

    const updating = late.req.session.update(count)
    await expect(updating).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(there.told.ended).toEqual([])
  })
})

/** Lists in lists, so many. */
function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

describe('a session that can’t be stored', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle

  it.each([
    ['a BigInt', 'session.a', 1n],
    ['a function', 'session.a', () => 1],
    ['a symbol', 'session.a', Symbol('x')],
    ['NaN', 'session.a.b', { b: Number.NaN }],
    ['Infinity', 'session.a.0', [Number.POSITIVE_INFINITY]],
    ['a Map', 'session.a', new Map()],
    ['a Set', 'session.a.0.deep', [{ deep: new Set() }]],
    ['a cycle', 'session.a.self', cycle],
    // Deeper it can be written, but not compared when it is read: nobody would get rid of it.
    ['what is nested deeper than 1,000', 'session.a', nested(1001)],
    ['what is nested so deep that JSON can’t write it', 'session.a', nested(20_000)],
  ])('P14: is refused for %s, by its path, and the old data stay', async (_, path, value) => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const set = (data: object) => void Object.assign(data, { a: value, b: 1 })

    for (const writing of [
      browser.visit(set),
      browser.visit((session) => session.update(set)),
      ground.browser().visit(set),
      ground.browser().visit((session) => session.update(set)),
    ]) {
      await expect(writing).rejects.toMatchObject({
        code: 'E_SESSION_VALUE',
        status: 500,
        message: expect.stringContaining(`cannot keep ${path}:`),
      })
    }

    expect(await browser.data()).toEqual({ userId: 'ada' })
    expect(await ground.store.count()).toBe(1)
  })

  it('P14: is none whose values are nested 1,000 deep', async () => {
    const { browser } = await loggedIn(createGround())
    await browser.visit((session) => void Object.assign(session, { a: nested(1000) }))
    await browser.visit((session) => void Object.assign(session, { b: 1 }))

    expect(await browser.data()).toEqual({ userId: 'ada', a: nested(1000), b: 1 })
  })

  it('P14: is refused above maxBytes, counted in bytes, and the old data stay', async () => {
    const ground = createGround({ maxBytes: 1000, user: undefined })
    const { browser } = await loggedIn(ground)
    const set = (length: number) => (session: object) =>
      void Object.assign(session, { text: '€'.repeat(length) })

    await expect(browser.visit(set(400))).rejects.toMatchObject({
      code: 'E_SESSION_TOO_LARGE',
      status: 500,
      message: expect.stringMatching(/holds 1\d\d\d bytes; at most 1000/),
    })
    const kept = await browser.data()
    await browser.visit(set(290))

    expect(kept).toEqual({ userId: 'ada' })
    expect(await browser.data()).toMatchObject({ text: '€'.repeat(290) })
  })

  it('P14: is refused above maxBytes when it is new, and is not there', async () => {
    const ground = createGround({ maxBytes: 1000 })
    const visiting = ground.browser().visit((session) => {
      session['text'] = 'x'.repeat(1000)
    })

    await expect(visiting).rejects.toMatchObject({ code: 'E_SESSION_TOO_LARGE' })
    expect(await ground.store.count()).toBe(0)
  })

  it('P14: is refused above maxBytes by an update, new or stored', async () => {
    const ground = createGround({ maxBytes: 1000 })
    const { browser } = await loggedIn(ground)
    const grow = (session: TestSession) =>
      session.update((data) => void Object.assign(data, { text: 'x'.repeat(1000) }))

    for (const visitor of [browser, ground.browser()]) {
      await expect(visitor.visit(grow)).rejects.toMatchObject({ code: 'E_SESSION_TOO_LARGE' })
    }

    expect(await browser.data()).toEqual({ userId: 'ada' })
    expect(await ground.store.count()).toBe(1)
  })

  it('P14: is refused when only both changes together are too large', async () => {
    const ground = createGround({ maxBytes: 1000 })
    const { browser } = await loggedIn(ground)
    const [first, second] = [await browser.open(), await browser.open()]
    first.req.session['a'] = 'x'.repeat(600)
    second.req.session['b'] = 'x'.repeat(600)

    await first.end()

    await expect(second.end()).rejects.toMatchObject({ code: 'E_SESSION_TOO_LARGE' })
    expect(Object.keys(await browser.data())).toEqual(['userId', 'a'])
  })

  it('can be mended after its save was refused', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit(async (session) => {
      session['big'] = 1n
      await expect(session.save()).rejects.toMatchObject({ code: 'E_SESSION_VALUE' })
      session['big'] = '1'
    })

    expect(await browser.data()).toEqual({ userId: 'ada', big: '1' })
  })

  it('P14: is no session whose values say themselves what is stored', async () => {
    const ground = createGround()
    const visitor = ground.browser()
    const date = new Date(0)

    await visitor.visit((session) => {
      Object.assign(session, { date, own: { toJSON: () => [1] }, none: undefined, nothing: null })
    })

    expect(await visitor.data()).toEqual({ date: date.toISOString(), own: [1], nothing: null })
  })
})

describe('a save', () => {
  it('that nobody awaits is waited for, and is one write', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit((session) => {
      session['a'] = 1
      session.save()
    })

    expect(ground.store.calls()).toEqual(['read', 'swap'])
    expect(await browser.data()).toEqual({ userId: 'ada', a: 1 })
  })

  it('that is awaited leaves nothing to write at the end', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser } = await loggedIn(ground)
    ground.time.now += 1_000

    const line = await browser.visit(async (session) => {
      session['a'] = 1
      await session.save()
      ground.time.now += 1_000
    })

    expect(line).toContain('Expires=')
    expect(ground.store.calls()).toEqual(['read', 'swap'])
  })

  it('beside another and a touch is one write, and no renewal of its own', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit((session) => {
      session['a'] = 1
      session.touch()
      session.save()
      session.save()
    })

    expect(ground.store.calls()).toEqual(['read', 'swap'])
  })

  it('stores a new session without data, and sets the cookie', async () => {
    const ground = createGround()

    const line = await ground.browser().visit((session) => session.save())

    expect(line).toMatch(/^sid=/)
    expect(ground.store.calls()).toEqual(['create'])
  })

  it('of a session that is unchanged writes nothing', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit((session) => session.save())

    expect(ground.store.calls()).toEqual(['read'])
  })

  it('twice at once, with a change between, loses nothing others stored meanwhile', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { req, end } = await browser.open()
    await ground
      .node()
      .browser(browser.cookie)
      .visit((session) => {
        session['theirs'] = 1
      })

    req.session['a'] = 1
    req.session.save()
    req.session['b'] = 2
    req.session.save()
    await end()

    expect(await browser.data()).toEqual({ userId: 'ada', theirs: 1, a: 1, b: 2 })
  })

  it('does not undo what is changed while it is under way', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { req, end } = await browser.open()
    await ground
      .node()
      .browser(browser.cookie)
      .visit((session) => {
        session['theirs'] = 1
      })
    const swapping = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    ground.store.before((verb) => {
      if (verb !== 'swap') return undefined
      swapping.resolve()
      return goOn.promise
    })

    req.session['a'] = 1
    const saved = req.session.save()
    await swapping.promise
    req.session['a'] = 2
    goOn.resolve()
    await saved
    const seen = { ...req.session }
    await end()

    expect(seen).toMatchObject({ a: 2, theirs: 1 })
    expect(await browser.data()).toEqual({ userId: 'ada', theirs: 1, a: 2 })
  })

  it('that met others’ changes leaves nothing to write, and is no late change', async () => {
    const ground = createGround({ cookie: { maxAge: 100_000 } })
    const { browser } = await loggedIn(ground, { z: 1, a: { deep: true } })
    const { req, visit, end } = await browser.open()
    await ground
      .node()
      .browser(browser.cookie)
      .visit((session) => {
        session['theirs'] = 1
        session.cookie.path = '/theirs'
      })
    ground.store.calls()

    req.session['mine'] = 1
    await req.session.save()
    const line = await end()
    ground.sessions.checkSealed(visit)

    expect(ground.store.calls()).toEqual(['swap', 'swap'])
    expect(ground.told.warned).toEqual([])
    expect(req.session.cookie.path).toBe('/theirs')
    expect(line).toContain('Path=/theirs')
  })
})

describe('a streamed answer', () => {
  it.each<[string, boolean, (session: Data) => void]>([
    ['a new session', false, (session) => Object.assign(session, { late: 1 })],
    ['a known session', true, (session) => Object.assign(session, { late: 1 })],
  ])('P3: is told of %s that changed after it had begun', async (_, known, change) => {
    const ground = createGround()
    const { browser } = known ? await loggedIn(ground) : { browser: ground.browser() }
    const { req, visit, end } = await browser.open()
    await end()

    ground.sessions.checkSealed(visit)
    const before = [...ground.told.warned]
    change(req.session)
    ground.sessions.checkSealed(visit)

    expect(before).toEqual([])
    expect(ground.told.warned).toEqual([expect.stringMatching(/^E_SESSION_SEALED .*: \/page\. /)])
  })
})
