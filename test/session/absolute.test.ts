/** P9: the absolute clock, which runs from a session's beginning. */
import { describe, expect, it } from 'vitest'
import { describeRedis } from '../support/redis.ts'
import { createGround, createRequest, dataOf, loggedIn, openEvent } from './ground.ts'
import { redisStore } from './stored.ts'

const minute = 60_000

describe('P9: absolute', () => {
  it('ends a session that is visited all the time', async () => {
    const ground = createGround({ ttl: 120, absolute: 600 })
    const { browser } = await loggedIn(ground)
    const seen: unknown[] = []

    for (let minutes = 1; minutes <= 10; minutes += 1) {
      ground.time.now += minute
      await browser.visit((session) => {
        seen.push(session['userId'])
        session.touch()
      })
    }

    expect(seen).toEqual([...Array(9).fill('ada'), undefined])
  })

  it('ends it in the store too, with the second', async () => {
    const ground = createGround({ ttl: 120, absolute: 150 })
    const { browser, id } = await loggedIn(ground)

    ground.time.now += minute
    await browser.visit((session) => session.touch())
    ground.time.now += minute
    await browser.visit((session) => {
      session['late'] = 1
    })

    ground.time.now += 29_999
    expect(await ground.store.textOf(id)).toBeDefined()
    ground.time.now += 1
    expect(await ground.store.textOf(id)).toBeUndefined()
  })

  it('ends it although another writer has given its record a longer life', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser, id } = await loggedIn(ground)
    await ground.store.put(id, (await ground.store.textOf(id)) ?? '')

    ground.time.now += 10 * minute

    expect(await ground.store.textOf(id)).toBeDefined()
    expect(await browser.data()).toEqual({})
  })

  it.each(['event', 'reload'] as const)(
    'tells the sockets at its next %s that it is over',
    async (how) => {
      const ground = createGround({ absolute: 600 })
      const { browser, id } = await loggedIn(ground)
      await ground.store.put(id, (await ground.store.textOf(id)) ?? '')
      const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
      const { req } = await openEvent(ground, { identity, owner: {} })

      ground.time.now += 10 * minute
      const late =
        how === 'reload' ? req.session.reload() : openEvent(ground, { identity, owner: {} })

      await expect(late).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
      expect(ground.told.ended).toEqual([{ id, reason: 'expired', reconnect: true }])
    },
  )

  it('lets an unused session end earlier', async () => {
    const ground = createGround({ ttl: 60, absolute: 600 })
    const { browser } = await loggedIn(ground)

    ground.time.now += minute

    expect(await browser.data()).toEqual({})
  })

  it('runs on through rotation, and anew after regenerate', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser } = await loggedIn(ground)
    ground.time.now += 5 * minute
    await browser.visit((session) => session.rotate())
    const other = ground.browser(browser.cookie)
    await other.visit(async (session, req) => {
      await session.regenerate()
      req.session['fresh'] = 1
    })
    const again = await loggedIn(ground)
    await again.browser.visit((session) => session.rotate())

    ground.time.now += 5 * minute
    const data = [await browser.data(), await other.data(), await again.browser.data()]
    ground.time.now += 5 * minute

    expect(data).toEqual([{}, { fresh: 1 }, { userId: 'ada' }])
    expect(await other.data()).toEqual({})
  })

  it('ends the cookie no later', async () => {
    const ground = createGround({ cookie: { maxAge: 5 * minute }, absolute: 600 })
    const end = ground.time.now + 10 * minute
    const { browser } = await loggedIn(ground)
    ground.time.now += 4 * minute
    await browser.visit((session) => session.touch())
    ground.time.now += 4 * minute

    const line = await browser.visit((session) => session.touch())

    const expires = /Expires=([^;]+)/.exec(line ?? '')?.[1] ?? ''
    expect(Math.abs(Date.parse(expires) - end)).toBeLessThanOrEqual(1000)
  })

  it('begins with the first visit for a record that others have written', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser, id } = await loggedIn(ground)
    await ground.store.put(id, '{"cookie":{"path":"/"},"userId":"sails"}')

    expect(await browser.data()).toEqual({ userId: 'sails' })
    await browser.visit()
    ground.time.now += 10 * minute

    expect(await browser.data()).toEqual({})
  })

  it('is hidden from who looks at the session, and asks nothing of who stores none', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser, id } = await loggedIn(ground)
    const stranger = ground.browser()

    await stranger.visit()
    const { req } = await browser.open()

    expect(Object.keys(req.session)).toEqual(['cookie', 'userId'])
    expect(JSON.stringify(req.session)).not.toContain('_catamaran')
    expect(JSON.parse((await ground.store.textOf(id)) ?? '')).toHaveProperty('_catamaran.created')
    expect(await ground.store.count()).toBe(1)
  })

  it('is no write for a session that is only read', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser } = await loggedIn(ground)
    await browser.visit()
    ground.store.calls()

    await browser.visit()

    expect(ground.store.calls()).toEqual(['read'])
  })

  it('bounds what a socket is told of its life', async () => {
    const ground = createGround({ ttl: 120, absolute: 600 })
    const { browser } = await loggedIn(ground)
    ground.time.now += minute

    const { identity, life } = await ground.sessions.identify(
      createRequest() as never,
      browser.cookie,
    )
    const { visit } = await openEvent(ground, { identity, owner: {} })

    expect(life).toEqual({ seconds: 120, atMost: 540 })
    expect(ground.sessions.lifeOf(visit)).toEqual({ seconds: 120, atMost: 540 })
  })

  it('is not moved by an update', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser } = await loggedIn(ground)
    ground.time.now += 9 * minute
    await browser.visit((session) =>
      session.update((data) => {
        data.views = 1
      }),
    )

    ground.time.now += minute

    expect(await browser.data()).toEqual({})
  })

  it('shows nothing to an update or reload of a request that came before the end', async () => {
    const ground = createGround({ absolute: 600 })
    const { browser } = await loggedIn(ground)
    const { req } = await browser.open()

    ground.time.now += 10 * minute

    await expect(req.session.reload()).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    await expect(req.session.update(() => {})).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(dataOf(req.session)).toEqual({ userId: 'ada' })
  })
})

describeRedis('P9: absolute, on redis', () => {
  it('is the life of the key', async () => {
    const { store, age } = await redisStore()
    const ground = createGround({ store, ttl: 120, absolute: 150 })
    const { browser, id } = await loggedIn(ground)
    ground.time.now += minute
    await age(60)

    await browser.visit((session) => session.touch())
    await age(89)
    const before = await store.read(id)
    await age(1)

    expect(before).toBeDefined()
    expect(await store.read(id)).toBeUndefined()
  })
})
