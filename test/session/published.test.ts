/** What an app can see and count of its sessions: the diagnostics channel `catamaran:session`. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGround, loggedIn } from './ground.ts'

/** Everything published from now on. */
function listen(): unknown[] {
  const heard: unknown[] = []
  const note = (message: unknown) => void heard.push(message)
  subscribe('catamaran:session', note)
  onTestFinished(() => void unsubscribe('catamaran:session', note))
  return heard
}

const session = expect.stringMatching(/^[\w-]{8}$/)

describe('the channel catamaran:session', () => {
  it('P4: names the paths two requests have changed at once, and no id', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground, { theme: 'light', cart: { total: 1 } })
    const heard = listen()
    const [one, two] = await Promise.all([browser.open(), ground.browser(browser.cookie).open()])
    Object.assign(one.req.session, { theme: 'dark', cart: { total: 2 } })
    Object.assign(two.req.session, { cart: { total: 3 } })

    await one.end()
    await two.end()

    expect(heard).toEqual([{ event: 'merged', session, paths: ['cart.total'] }])
    expect(JSON.stringify(heard)).not.toContain(id)
    expect(ground.told.merged).toEqual(['cart.total'])
  })

  it('P4: is silent about what met nothing, renewed lives, and what is kept beside the data', async () => {
    const ground = createGround({ cookie: { maxAge: 600_000 } })
    const { browser } = await loggedIn(ground)
    const heard = listen()
    const [one, two] = await Promise.all([browser.open(), ground.browser(browser.cookie).open()])
    Object.assign(one.req.session, { one: 1, authenticatedAt: new Date(1e12) })
    ground.time.now += 1_000
    await one.end()
    ground.time.now += 1_000
    Object.assign(two.req.session, { two: 2, authenticatedAt: new Date(2e12) })
    await two.end()

    expect(await browser.data()).toEqual({ userId: 'ada', one: 1, two: 2 })
    expect((await browser.open()).req.session.authenticatedAt).toEqual(new Date(2e12))
    expect(heard).toEqual([])
  })

  it('P5: tells of an ending, and of the late changes that were dropped', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const heard = listen()
    const late = await ground.browser(browser.cookie).open()
    late.req.session['late'] = 1

    await browser.visit((own) => own.destroy())
    await late.end()

    expect(heard).toEqual(
      expect.arrayContaining([
        { event: 'ended', session, reason: 'destroyed' },
        { event: 'dropped', session },
      ]),
    )
  })

  it('P13: tells of a record that can’t be read', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    await ground.store.put(id, '{broken')
    const heard = listen()

    await browser.data()

    expect(heard).toEqual([{ event: 'unreadable', session }])
  })
})
