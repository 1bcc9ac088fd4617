/** What an update keeps, beside its own change, of the session it changes. */
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createTyped } from '../../src/session/typed.ts'
import { createGround, createRequest, loggedIn, openEvent } from './ground.ts'

/** Sets fields of the data. */
const set = (fields: object) => (data: object) => void Object.assign(data, fields)

describe('an update that others come before', () => {
  it('P6: changes what is stored then, again and again', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground, { views: 0 })
    const { req } = await browser.open()
    let faster = 0
    const seen: unknown[] = []

    ground.store.before(async (verb) => {
      if (verb !== 'swap' || faster === 3) return
      faster += 1
      await ground.store.put(req.sessionID, JSON.stringify({ cookie: {}, views: 10 * faster }))
    })
    await req.session.update((data) => {
      seen.push(data.views)
      data.views = Number(data.views) + 1
    })

    expect(seen).toEqual([0, 10, 20, 30])
    expect(await browser.data()).toEqual({ views: 31 })
  })
})

describe('an update of a session that is not stored', () => {
  it('keeps what the request has set of its cookie', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit(async (session) => {
      session.cookie.maxAge = 5_000
      await session.update(set({ n: 1 }))
    })
    ground.time.now += 5_000

    expect(await browser.data()).toEqual({})
  })

  it('P9: begins its absolute life, beyond which no update stores it', async () => {
    const ground = createGround({ absolute: 100, ttl: 60 })
    const browser = ground.browser()
    let id = ''
    await browser.visit(async (session, req) => {
      await session.update(set({ n: 1 }))
      id = req.sessionID
    })
    ground.time.now += 50_000

    await browser.visit((session) => session.update(set({ n: 2 })))

    expect(await ground.store.secondsLeft?.(id)).toBe(50)
    ground.time.now += 49_999
    expect(await browser.data()).toEqual({ n: 2 })
    ground.time.now += 1
    expect(await browser.data()).toEqual({})
  })

  it('notes the login of who was set before', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit(async (session) => {
      session['userId'] = 'ada'
      await session.update(set({ n: 1 }))
    })

    const { req } = await browser.open()
    expect(Number(req.session.authenticatedAt)).toBe(ground.time.now)
  })

  it('shows its change to its own request where the browser would not take the cookie', async () => {
    const ground = createGround({ cookie: { secure: true } })
    const { req } = await ground.browser().open()

    await req.session.update(set({ n: 1 }))

    expect(req.session['n']).toBe(1)
    expect(await ground.store.count()).toBe(0)
  })
})

describe('an update of a record that others wrote', () => {
  it('P9: lets its absolute life begin', async () => {
    const ground = createGround({ absolute: 100 })
    const { browser, id } = await loggedIn(ground, { n: 1 })
    await ground.store.put(id, JSON.stringify({ cookie: {}, n: 1 }))

    const { req } = await browser.open()

    await req.session.update(set({ n: 2 }))

    const { _catamaran } = JSON.parse((await ground.store.textOf(id)) ?? '')
    expect(_catamaran).toEqual({ created: ground.time.now })
  })
})

describe('an update that logs in', () => {
  it('P10: goes to the new id where the session was rotated meanwhile, and moves it no further', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground, { cart: 1 })
    const late = await browser.open()
    await browser.visit((session) => session.rotate())
    const { cookie } = browser
    ground.store.calls()

    await late.req.session.update(set({ userId: 'ada' }))
    const calls = ground.store.calls().filter((verb) => verb !== 'read')
    const line = await late.end()

    expect(await ground.browser(cookie).data()).toEqual({ cart: 1, userId: 'ada' })
    expect([calls, line]).toEqual([['swap'], undefined])
  })

  it('W6: keeps the id over a socket whose client can fetch no cookie, with a warning', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground, { cart: 1 })
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const { req } = await openEvent(ground, { identity, owner: {} })

    await req.session.update(set({ userId: 'ada' }))

    expect(await browser.data()).toEqual({ cart: 1, userId: 'ada' })
    expect(ground.told.warned).toHaveLength(1)
  })
})

describe('an update of typed data', () => {
  const schema = z.object({ n: z.number().default(0), theme: z.string().optional() })
  const typed = () => createTyped({ schema, version: 0, warn: () => {} })

  async function visitor(record: object) {
    const ground = createGround({ typed: typed(), cookie: { maxAge: 60_000 } })
    const { browser, id } = await loggedIn(ground, { n: 1 })
    const text = JSON.parse((await ground.store.textOf(id)) ?? '')
    await ground.store.put(id, JSON.stringify({ ...text, ...record }))
    const stored = async () => JSON.parse((await ground.store.textOf(id)) ?? 'null')
    return { ground, browser, stored }
  }

  it('keeps what the schema does not know, and lets go of what it deletes', async () => {
    const { browser, stored } = await visitor({ theme: 'dark', other: 1 })

    await browser.visit((session) =>
      session.update((data) => {
        delete data['theme']
        data['n'] = 2
      }),
    )

    const { cookie: _, ...data } = await stored()
    expect(data).toEqual({ n: 2, other: 1 })
  })

  it('takes a message once', async () => {
    const { browser } = await visitor({})
    await browser.visit((session) => session.flash('note', 'hello'))

    const taken = [await browser.open(), await browser.open()].map(({ req }) => req.session)

    expect(await taken[0]?.takeFlash('note')).toEqual(['hello'])
    expect(await taken[1]?.takeFlash('note')).toEqual([])
  })

  it('renews the cookie, and keeps what is kept beside the data', async () => {
    const created = 1
    const { ground, browser, stored } = await visitor({ _catamaran: { created } })
    ground.time.now += 30_000

    await browser.visit((session) => session.update(set({ n: 2 })))

    const { cookie, _catamaran } = await stored()
    expect(Date.parse(cookie.expires)).toBe(ground.time.now + 60_000)
    expect(_catamaran).toEqual({ created })
  })
})
