import { describe, expect, it } from 'vitest'
import { CatamaranError } from '../../src/errors.ts'
import { createGround, createRequest, dataOf, loggedIn, openEvent } from './ground.ts'

const removed = 'sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly'

describe('destroy', () => {
  it('ends the session: the record goes, the cookie is taken back, the request has none', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)

    const line = await browser.visit(async (session, req) => {
      await session.destroy()
      expect(req.session).toBeUndefined()
    })

    expect(line).toBe(removed)
    expect(ground.store.calls()).toEqual(['read', 'swap', 'destroy'])
    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('P16: is told once and at once, with its owner', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const { req } = await browser.open()

    await req.session.destroy()

    expect(ground.told.ended).toEqual([
      { id, reason: 'destroyed', reconnect: false, owner: undefined },
    ])
  })

  it('P16: names the socket whose own event ended it', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const owner = {}
    const { req, end } = await openEvent(ground, { identity, owner })

    await req.session.destroy()
    await end()

    expect(ground.told.ended).toEqual([{ id, reason: 'destroyed', reconnect: false, owner }])
    await expect(openEvent(ground, { identity, owner })).rejects.toMatchObject({
      code: 'E_SESSION_ENDED',
    })
  })

  it('that nobody awaits is done before the answer', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)

    const line = await browser.visit((session) => void session.destroy())

    expect(line).toBe(removed)
    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('that fails fails the answer, awaited or not, and ends nothing', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    ground.store.before((verb) => {
      if (verb === 'destroy') throw new CatamaranError('E_STORE_DOWN', ['test'])
    })

    const forgotten = browser.visit((session) => void session.destroy())
    await expect(forgotten).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    const caught = browser.visit((session) => session.destroy().catch(() => {}))
    await expect(caught).rejects.toMatchObject({ code: 'E_STORE_DOWN' })

    expect(ground.told.ended).toEqual([])
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('P12: is done in a store that is too full to write', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    ground.store.before((verb) => {
      if (verb === 'swap') throw new CatamaranError('E_STORE_DOWN', ['test'])
    })

    await browser.visit((session) => session.destroy())

    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('that fails leaves its socket where it was', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const { req } = await openEvent(ground, { identity, owner: {} })
    ground.store.before((verb) => {
      if (verb === 'destroy') throw new CatamaranError('E_STORE_DOWN', ['test'])
    })

    await expect(req.session.destroy()).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    const again = await openEvent(ground, { identity, owner: {} })

    expect(dataOf(again.req.session)).toEqual({ userId: 'ada' })
  })

  it('of a new session asks no store and sets no cookie', async () => {
    const ground = createGround()

    const line = await ground.browser().visit(async (session) => {
      session['a'] = 1
      await session.destroy()
    })

    expect([line, ground.store.calls()]).toEqual([undefined, []])
  })

  it('leaves nothing to be done with the session that was held', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)

    await browser.visit(async (session) => {
      await session.destroy()
      session['late'] = 1
      await session.save()
      session.touch()
      await expect(session.update(() => {})).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    })

    expect(await ground.store.textOf(id)).toBeUndefined()
  })
})

describe('req.session = null', () => {
  const giveUp = (_: unknown, req: object) => void Object.assign(req, { session: null })

  it('keeps what is stored, by default', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    const line = await browser.visit(giveUp)

    expect(line).toBeUndefined()
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('ends the session with unset: destroy', async () => {
    const ground = createGround({ unset: 'destroy' })
    const { browser, id } = await loggedIn(ground)

    const line = await browser.visit(giveUp)

    expect(line).toBe(removed)
    expect(ground.told.ended).toMatchObject([{ id, reason: 'destroyed' }])
    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('does not end it twice', async () => {
    const ground = createGround({ unset: 'destroy' })
    const { browser } = await loggedIn(ground)

    await browser.visit(async (session, req) => {
      await session.destroy()
      giveUp(session, req)
    })

    expect(ground.store.calls()).toEqual(['read', 'swap', 'destroy'])
    expect(ground.told.ended).toHaveLength(1)
  })

  it('asks no store for a new session', async () => {
    const ground = createGround({ unset: 'destroy' })

    const line = await ground.browser().visit(giveUp)

    expect([line, ground.store.calls()]).toEqual([undefined, []])
  })
})

describe('regenerate', () => {
  it('P10: gives a new id and no data; the old id is dead', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const old = ground.browser(browser.cookie)

    const line = await browser.visit(async (session, req) => {
      await session.regenerate()
      expect(dataOf(req.session)).toEqual({})
      expect(req.session).not.toBe(session)
      expect(req.session.id).toBe(req.sessionID)
      expect(req.sessionID).not.toBe(id)
      req.session['userId'] = 'bob'
    })

    expect(line).toMatch(/^sid=s%3A/)
    expect(ground.store.calls()).toEqual(['read', 'swap', 'destroy', 'create'])
    expect(await browser.data()).toEqual({ userId: 'bob' })
    expect(await old.data()).toEqual({})
  })

  it('takes the cookie back when the new session stays empty', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    const line = await browser.visit((session) => session.regenerate())

    expect(line).toBe(removed)
    expect(await ground.store.count()).toBe(0)
  })

  it('P16: is told after the answer, which brings the new cookie, and once', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const { req, visit } = await browser.open()

    await req.session.regenerate()
    req.session['userId'] = 'bob'
    await ground.sessions.commit(visit)
    const before = [...ground.told.ended]
    ground.sessions.answered(visit)

    expect(before).toEqual([])
    expect(ground.told.ended).toEqual([{ id, reason: 'regenerated', reconnect: true }])
  })

  it('drops what other requests of the old id still write', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const late = await browser.open()
    late.req.session['late'] = 1

    await browser.visit((session) => session.regenerate())
    const line = await late.end()

    expect(line).toBeUndefined()
    expect(ground.told.dropped).toEqual([id])
    expect(await ground.store.count()).toBe(0)
  })

  it('over a socket keeps the id and drops the data', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const { req, end } = await openEvent(ground, { identity, owner: {} })

    await req.session.regenerate()
    req.session['fresh'] = 1
    await end()

    expect(ground.told.ended).toEqual([])
    expect(await browser.data()).toEqual({ fresh: 1 })
  })

  it('that fails leaves the session as it was', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    ground.store.before((verb) => {
      if (verb === 'destroy') throw new CatamaranError('E_STORE_DOWN', ['test'])
    })

    const failing = browser.visit(async (session, req) => {
      await session.regenerate().catch(() => {})
      expect(req.sessionID).toBe(id)
    })

    await expect(failing).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('sends the cookie of an id that its maker gives again', async () => {
    const ground = createGround({ genid: () => 'same' })
    const { browser } = await loggedIn(ground)

    const line = await browser.visit(async (session, req) => {
      await session.regenerate()
      req.session['a'] = 1
    })

    expect(line).toMatch(/^sid=s%3Asame/)
    expect(await browser.data()).toEqual({ a: 1 })
  })
})

describe('reload', () => {
  it('throws away what this request changed, and shows what is stored now', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)

    await browser.visit(async (session, req) => {
      session['mine'] = 1
      await ground.browser(browser.cookie).visit((other) => {
        other['theirs'] = 1
      })
      await session.reload()
      expect(dataOf(req.session)).toEqual({ userId: 'ada', theirs: 1 })
      req.session['after'] = 1
    })

    expect(await browser.data()).toEqual({ userId: 'ada', theirs: 1, after: 1 })
  })

  it.each([
    ['that was never stored', false],
    ['that has ended', true],
  ])('refuses a session %s', async (_, known) => {
    const ground = createGround()
    const { browser, id } = known ? await loggedIn(ground) : { browser: ground.browser(), id: '' }
    const { req } = await browser.open()
    await ground.store.destroy(id)

    await expect(req.session.reload()).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(ground.told.ended).toHaveLength(known ? 1 : 0)
  })
})

describe('Connect’s callbacks', () => {
  it.each(['save', 'reload', 'regenerate', 'destroy'] as const)(
    'are called after %s, which then gives the session',
    async (method) => {
      const ground = createGround()
      const { browser } = await loggedIn(ground)
      const { req } = await browser.open()
      const { session } = req

      const error = await new Promise((resolve) => {
        expect(session[method](resolve)).toBe(session)
      })

      expect(error).toBeUndefined()
    },
  )

  it('get the error', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const { req } = await browser.open()
    ground.store.before(() => {
      throw new Error('down')
    })

    const error = await new Promise((resolve) => req.session.reload(resolve))

    expect(error).toEqual(new Error('down'))
  })
})

describe('a session object', () => {
  it('shows its data and cookie, and hides the rest', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)

    const { req } = await browser.open()

    expect(Object.keys(req.session)).toEqual(['cookie', 'userId'])
    expect(JSON.parse(JSON.stringify(req.session))).toEqual({
      cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: '/' },
      userId: 'ada',
    })
    expect([req.session.id, req.sessionID]).toEqual([id, id])
  })

  it('is stored as express-session writes it', async () => {
    const ground = createGround({ cookie: { maxAge: 60_000, sameSite: 'lax' }, user: undefined })
    const { id } = await loggedIn(ground)

    const expires = new Date(ground.time.now + 60_000).toISOString()
    expect(await ground.store.textOf(id)).toBe(
      `{"cookie":{"originalMaxAge":60000,"expires":"${expires}","httpOnly":true,"path":"/",` +
        '"sameSite":"lax"},"userId":"ada"}',
    )
  })

  it('takes the ids of genid', async () => {
    const ground = createGround({ genid: (req) => `from ${req.url}` })

    const { req } = await ground.browser().open()

    expect(req.sessionID).toBe('from /page?query')
  })
})
