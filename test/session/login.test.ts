/** What a login does by itself: a new id (P10), and the time it was. */
import { describe, expect, it } from 'vitest'
import { createGround, createRequest, type GroundOptions, openEvent } from './ground.ts'

/** A visitor whose session is stored, and who is nobody yet. */
async function guest(options: GroundOptions = {}) {
  const ground = createGround(options)
  const browser = ground.browser()
  await browser.visit((session) => {
    session['cart'] = [1]
  })
  return { ground, browser, cookie: browser.cookie }
}

describe('a login', () => {
  it('P10: rotates by itself, and never stands under the old id', async () => {
    const { ground, browser, cookie } = await guest()
    const texts: string[] = []
    ground.store.before(async (_verb, id) => {
      texts.push(`${await ground.store.textOf(id)}`)
    })

    await browser.visit((session) => {
      session['userId'] = 'ada'
    })

    expect(browser.cookie).not.toBe(cookie)
    expect(await browser.data()).toEqual({ cart: [1], userId: 'ada' })
    expect(await ground.browser(cookie).data()).toEqual({})
    expect(ground.told.ended).toMatchObject([{ reason: 'rotated', reconnect: true }])
  })

  it('P10: rotates by an update, too', async () => {
    const { ground, browser, cookie } = await guest()

    await browser.visit((session) =>
      session.update((data) => {
        data['userId'] = 'ada'
      }),
    )

    expect(await browser.data()).toEqual({ cart: [1], userId: 'ada' })
    expect(await ground.browser(cookie).data()).toEqual({})
  })

  it('P10: as another user rotates; a logout by hand, or the same user again, does not', async () => {
    const { browser } = await guest()
    const ids: string[] = []
    for (const user of ['ada', 'bob', 'bob', undefined]) {
      await browser.visit((session) => {
        session['userId'] = user
        session['turn'] = ids.length
      })
      ids.push((await browser.open()).req.sessionID)
    }

    expect(ids[1]).not.toBe(ids[0])
    expect(ids[2]).toBe(ids[1])
    expect(ids[3]).toBe(ids[1])
  })

  it('P10: of who was under way while the id was rotated is stored under the new one', async () => {
    const { ground, browser, cookie } = await guest()
    const late = await ground.browser(cookie).open()
    late.req.session['userId'] = 'ada'

    await browser.visit((session) => session.rotate())
    const line = await late.end()

    expect(line).toBeUndefined()
    expect(await browser.data()).toEqual({ cart: [1], userId: 'ada' })
    expect(await ground.store.count()).toBe(2)
  })

  it('without user in the config rotates nothing', async () => {
    const { browser, cookie } = await guest({ user: undefined })

    await browser.visit((session) => {
      session['userId'] = 'ada'
    })

    expect(browser.cookie).toBe(cookie)
    expect((await browser.open()).req.session.authenticatedAt).toBeUndefined()
  })

  it('is not for who was under way as nobody', async () => {
    const { ground, browser, cookie } = await guest()
    const late = await ground.browser(cookie).open()
    const stored = await ground.browser(cookie).open()
    late.req.session['late'] = 1

    await browser.visit((session) => {
      session['userId'] = 'ada'
    })
    await late.end()

    await expect(stored.req.session.update((data) => data)).rejects.toMatchObject({
      code: 'E_SESSION_ENDED',
    })
    expect(late.req.session['userId']).toBeUndefined()
    expect(await browser.data()).toEqual({ cart: [1], userId: 'ada' })
  })

  it('W6: over a socket keeps the id, with one warning', async () => {
    const { ground, browser, cookie } = await guest()
    const { identity } = await ground.sessions.identify(createRequest() as never, cookie)
    const { req, end } = await openEvent(ground, { identity, owner: {} })

    req.session['userId'] = 'ada'
    await end()

    expect(await browser.data()).toEqual({ cart: [1], userId: 'ada' })
    expect(ground.told.warned).toHaveLength(1)
  })
})

describe('authenticatedAt', () => {
  it('is when the user’s field was set, and is kept by rotate', async () => {
    const { ground, browser } = await guest()
    const { now } = ground.time
    await browser.visit((session) => {
      expect(session.authenticatedAt).toBeUndefined()
      session['userId'] = 'ada'
    })

    ground.time.now += 60_000
    await browser.visit((session) => session.rotate())
    ground.time.now += 60_000

    const { req } = await browser.open()
    expect(req.session.authenticatedAt).toEqual(new Date(now))
    expect(Object.keys(req.session)).toEqual(['cookie', 'cart', 'userId'])
    expect(JSON.stringify(req.session)).not.toContain('_catamaran')
  })

  it('is set anew by another user, and goes with the user', async () => {
    const { ground, browser } = await guest()
    const times: (Date | undefined)[] = []
    for (const user of ['ada', 'bob', undefined]) {
      ground.time.now += 1000
      await browser.visit((session) => {
        session['userId'] = user
      })
      times.push((await browser.open()).req.session.authenticatedAt)
    }

    const { now } = ground.time
    expect(times).toEqual([new Date(now - 2000), new Date(now - 1000), undefined])
  })

  it('is set by an update that sets the user, and for a visitor who is new', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit((session) =>
      session.update((data) => {
        data['userId'] = 'ada'
      }),
    )

    const { req } = await browser.open()
    expect(req.session.authenticatedAt).toEqual(new Date(ground.time.now))
  })

  it('is refused where it is no date', async () => {
    const { browser } = await guest()
    const { req } = await browser.open()

    for (const wrong of ['2026-11-26', {}, new Date('soon')]) {
      expect(() => Object.assign(req.session, { authenticatedAt: wrong })).toThrow(
        expect.objectContaining({ code: 'E_SESSION_VALUE' }),
      )
    }
  })

  it('can be set by who asked for the password again, or knows better', async () => {
    const { browser } = await guest()
    const [early, late] = [new Date(1e12), new Date(2e12)]
    await browser.visit((session) => {
      session['userId'] = 'ada'
      session.authenticatedAt = early
    })
    const first = (await browser.open()).req.session.authenticatedAt

    await browser.visit((session) => {
      session.authenticatedAt = late
    })

    expect([first, (await browser.open()).req.session.authenticatedAt]).toEqual([early, late])
  })

  it('stands in the record where others leave it alone', async () => {
    const { ground, browser } = await guest()
    await browser.visit((session) => {
      session['userId'] = 'ada'
    })

    const { req } = await browser.open()
    const record = JSON.parse((await ground.store.textOf(req.sessionID)) ?? '')
    expect(record).toEqual({
      cookie: expect.anything(),
      cart: [1],
      userId: 'ada',
      _catamaran: { authenticated: ground.time.now },
    })
  })
})
