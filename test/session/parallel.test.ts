/** P4, P5, P6: what parallel requests, on one node and on two, leave in every store. */
import { expect, it } from 'vitest'
import { createGround, type Ground, type GroundOptions, loggedIn, type Open } from './ground.ts'
import { describeEveryStore, type OpenStore } from './stored.ts'

/** An engine, and a second node on the same store. */
async function createNodes(
  open: OpenStore,
  options: GroundOptions = {},
): Promise<[Ground, Ground]> {
  const store = await open()
  const ground = createGround({ ...options, ...(store && { store }) })
  return [ground, ground.node()]
}

describeEveryStore('parallel changes', (open) => {
  it('P4: survive, whether they come from one node or two', async () => {
    const [here, there] = await createNodes(open)
    const { browser } = await loggedIn(here)
    const other = there.browser(browser.cookie)
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? other : browser).open()),
    )

    opened.forEach(({ req }, index) => {
      req.session[`key${index}`] = index
    })
    await Promise.all(opened.map(({ end }) => end()))

    const expected = opened.map((_, index) => [`key${index}`, index])
    expect(await browser.data()).toEqual({ userId: 'ada', ...Object.fromEntries(expected) })
  })

  it('P4: of one value leave the later one, and are told of', async () => {
    const [here, there] = await createNodes(open)
    const { browser } = await loggedIn(here)
    const first = await browser.open()
    const second = await there.browser(browser.cookie).open()
    first.req.session['theme'] = 'dark'
    second.req.session['theme'] = 'light'

    await first.end()
    await second.end()

    expect(await browser.data()).toEqual({ userId: 'ada', theme: 'light' })
    expect([here.told.merged, there.told.merged]).toEqual([[], ['theme']])
  })

  it('P4: of a counter are all counted, though their texts are equal', async () => {
    const [here, there] = await createNodes(open, { merge: { views: 'counter' } })
    const { browser } = await loggedIn(here, { views: 5 })
    const both = [await browser.open(), await there.browser(browser.cookie).open()]

    for (const { req } of both) req.session.views = 6
    for (const { end } of both) await end()

    expect(await browser.data()).toEqual({ views: 7 })
  })

  it('P6: by update are all counted: 1,000 on two nodes', async () => {
    const [here, there] = await createNodes(open)
    const { browser } = await loggedIn(here)
    const other = there.browser(browser.cookie)

    await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        (index % 2 ? other : browser).visit((session) =>
          session.update((data) => {
            data.views = (data.views ?? 0) + 1
          }),
        ),
      ),
    )

    expect(await browser.data()).toEqual({ userId: 'ada', views: 1000 })
  })

  const attempts: [string, (open: Open) => unknown][] = [
    ['nothing', () => {}],
    ['a change', ({ req }) => Object.assign(req.session, { late: 1 })],
    ['a touch', ({ req }) => req.session.touch()],
    ['a longer life', ({ req }) => Object.assign(req.session.cookie, { maxAge: 1e9 })],
    ['a save', ({ req }) => Object.assign(req.session, { late: 1 }).save()],
    ['a save nobody awaits', ({ req }) => void Object.assign(req.session, { late: 1 }).save()],
    ['an update nobody awaits', ({ req }) => void req.session.update((data) => (data.views = 1))],
    ['another destroy', ({ req }) => req.session.destroy()],
    ['a reload', ({ req }) => req.session.reload().catch(() => {})],
    ['an update', ({ req }) => req.session.update((data) => (data.views = 1)).catch(() => {})],
  ]

  it.each(attempts)('P5: do not bring a destroyed session back: %s', async (_, attempt) => {
    const [here, there] = await createNodes(open, { rolling: true, touchAfter: 0 })
    const { browser, id } = await loggedIn(here)
    const same = await browser.open()
    const other = await there.browser(browser.cookie).open()

    await here.browser(browser.cookie).visit((session) => session.destroy())
    for (const late of [same, other]) await attempt(late)
    const lines = [await same.end(), await other.end()]

    expect(lines.filter((line) => line !== undefined && !line.startsWith('sid=;'))).toEqual([])
    expect(await here.store.textOf(id)).toBeUndefined()
    expect(await here.store.count()).toBe(0)
  })

  it.each(attempts)('P5: do not when the attempt came first: %s', async (_, attempt) => {
    const [here, there] = await createNodes(open, { rolling: true, touchAfter: 0 })
    const { browser, id } = await loggedIn(here)
    const same = await browser.open()
    const other = await there.browser(browser.cookie).open()

    for (const early of [same, other]) await attempt(early)
    const logout = here.browser(browser.cookie)
    await logout.visit((session) => session.destroy?.())
    await Promise.all([same.end(), other.end()])

    expect(await here.store.textOf(id)).toBeUndefined()
  })

  it.each(attempts)('P5: do not when all happens at once: %s', async (_, attempt) => {
    const [here, there] = await createNodes(open, { rolling: true, touchAfter: 0 })
    const { browser, id } = await loggedIn(here)
    const same = await browser.open()
    const other = await there.browser(browser.cookie).open()
    const logout = await browser.open()

    await Promise.all([
      attempt(same),
      logout.req.session.destroy(),
      attempt(other),
      same.end(),
      other.end(),
      logout.end(),
    ])

    expect(await here.store.textOf(id)).toBeUndefined()
  })
})
