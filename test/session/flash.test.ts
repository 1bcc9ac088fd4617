/** Flash messages: left once, taken once. */
import { describe, expect, it } from 'vitest'
import type { SessionStore } from '../../src/session/store.ts'
import { describeRedis } from '../support/redis.ts'
import { createGround, loggedIn, type TestSession } from './ground.ts'
import { redisStore } from './stored.ts'

const leave = (name: string, value: unknown) => (session: TestSession) => session.flash(name, value)

/** What a fresh request takes. */
async function taken(
  browser: { visit(act: (session: TestSession) => unknown): unknown },
  name: string,
) {
  let values: unknown[] = []
  await browser.visit(async (session) => {
    values = await session.takeFlash(name)
  })
  return values
}

function flashes(open: () => Promise<SessionStore | undefined>): void {
  async function visitors() {
    const store = await open()
    const here = createGround(store ? { store } : {})
    const { browser } = await loggedIn(here)
    return { here, browser, other: here.node().browser(browser.cookie) }
  }

  it('are taken once, in their order, by whoever asks', async () => {
    const { browser, other } = await visitors()
    await browser.visit((session) => {
      session.flash('notice', 'Saved')
      session.flash('notice', { count: 2 })
      session.flash('alarm', 'Fire')
    })

    expect(await taken(other, 'notice')).toEqual(['Saved', { count: 2 }])
    expect(await taken(browser, 'notice')).toEqual([])
    expect(await taken(browser, 'alarm')).toEqual(['Fire'])
  })

  it('P14: that no session can keep are refused at once', async () => {
    const { browser } = await visitors()
    const { req } = await browser.open()

    for (const value of [1n, new Map(), { toJSON: () => 1n }]) {
      expect(() => req.session.flash('notice', value)).toThrow(
        expect.objectContaining({ code: 'E_SESSION_VALUE' }),
      )
    }
    req.session.flash('notice', { toJSON: () => undefined })
    expect(await req.session.takeFlash('notice')).toEqual([null])
  })

  it('go to one of twenty parallel requests', async () => {
    const { browser, other } = await visitors()
    await browser.visit(leave('notice', 'Saved'))
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? browser : other).open()),
    )

    const all = await Promise.all(opened.map(({ req }) => req.session.takeFlash('notice')))
    await Promise.all(opened.map(({ end }) => end()))

    expect(all.flat()).toEqual(['Saved'])
    expect(await taken(browser, 'notice')).toEqual([])
  })

  it('that parallel requests leave are all there, also beside one that takes', async () => {
    const { browser, other } = await visitors()
    await browser.visit(leave('notice', 0))
    const opened = await Promise.all([1, 2, 3].map((n) => (n % 2 ? browser : other).open()))
    for (const [n, { req }] of opened.entries()) req.session.flash('notice', n + 1)

    expect(await taken(other, 'notice')).toEqual([0])
    await Promise.all(opened.map(({ end }) => end()))

    expect((await taken(browser, 'notice')).sort()).toEqual([1, 2, 3])
  })
}

describe('flash messages on memory', () => {
  flashes(async () => undefined)

  it('are taken by the request that left them, too', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit(async (session) => {
      session.flash('notice', 'new')
      expect(await session.takeFlash('notice')).toEqual(['new'])
      expect(await session.takeFlash('notice')).toEqual([])
    })
    const { browser: known } = await loggedIn(ground)
    await known.visit(leave('notice', 'old'))
    await known.visit(async (session) => {
      session.flash('notice', 'new')
      expect(await session.takeFlash('notice')).toEqual(['old', 'new'])
    })

    expect(await taken(known, 'notice')).toEqual([])
  })

  it('are hidden from who looks at the session, and reason enough to store one', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit(leave('notice', 'Welcome'))

    const { req } = await browser.open()
    expect(Object.keys(req.session)).toEqual(['cookie'])
    expect(await taken(browser, 'notice')).toEqual(['Welcome'])
  })

  it('cost a request that takes none no store', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    await browser.visit()
    ground.store.calls()

    expect(await taken(browser, 'notice')).toEqual([])

    expect(ground.store.calls()).toEqual(['read'])
  })

  it('survive rotation, and end with their session', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    await browser.visit(async (session) => {
      session.flash('notice', 1)
      await session.rotate()
      session.flash('notice', 2)
    })

    expect(await taken(browser, 'notice')).toEqual([1, 2])
    await browser.visit(async (session, ...[req]: unknown[]) => {
      session.flash('notice', 3)
      await session.regenerate()
      Object.assign((req as { session: object }).session, { fresh: 1 })
    })
    expect(await taken(browser, 'notice')).toEqual([])
  })

  it('hold what they held when they were left', async () => {
    const { browser } = await loggedIn(createGround())
    await browser.visit((session) => {
      const list = [1]
      session.flash('notice', list)
      list.push(2)
    })

    expect(await taken(browser, 'notice')).toEqual([[1]])
  })

  it('are null where nothing is said, and leave alone what is no message', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const junk = { a: null, b: 'notice', c: {} }
    await ground.store.put(id, JSON.stringify({ cookie: {}, _catamaran: { flash: junk } }))

    await browser.visit(leave('notice', undefined))

    expect(await taken(browser, 'notice')).toEqual([null])
    expect(JSON.parse((await ground.store.textOf(id)) ?? '')._catamaran.flash).toEqual(junk)
  })

  it('are refused at once where JSON can’t hold them', async () => {
    const { browser } = await loggedIn(createGround())
    const { req } = await browser.open()

    expect(() => req.session.flash('notice', { n: 1n })).toThrow(
      expect.objectContaining({
        code: 'E_SESSION_VALUE',
        message: expect.stringContaining('flash.notice.n'),
      }),
    )
  })

  it('stay where the take is not stored', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    await browser.visit(leave('notice', 'Saved'))
    ground.store.before((verb) => {
      if (verb === 'swap') throw new Error('down')
    })

    await expect(taken(browser, 'notice')).rejects.toThrow('down')
    ground.store.before(undefined)

    expect(await taken(browser, 'notice')).toEqual(['Saved'])
  })
})

describeRedis('flash messages on redis', () => {
  flashes(async () => (await redisStore()).store)
})
