/**
 * What a store in this process does at once: a change is stored without a promise where nothing has come
 * between, and goes the longer way, by the same rules, where something has.
 */
import { describe, expect, it } from 'vitest'
import { createGround, type GroundOptions, loggedIn, openEvent } from './ground.ts'

/** A visitor who has logged in, on a store that does at once what it can. */
async function started(options: GroundOptions = {}) {
  const ground = createGround({ atOnce: true, ...options })
  return { ground, ...(await loggedIn(ground)) }
}

describe('a change in a store of this process', () => {
  it('P7: is stored without a promise, and nothing is asked beside', async () => {
    const { ground, browser } = await started({ cookie: { maxAge: 100_000 }, rolling: true })
    const { req, visit } = await browser.open()
    req.session['theme'] = 'dark'

    const line = ground.sessions.commit(visit)

    expect(line).toContain('sid=')
    expect(ground.store.calls()).toEqual(['readNow', 'swapNow'])
    expect(await browser.data()).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it('P4: is merged onto what another request has stored meanwhile', async () => {
    const { ground, browser } = await started()
    const [one, other] = [await browser.open(), await browser.open()]
    one.req.session['a'] = 1
    other.req.session['b'] = 2
    ground.store.calls()

    await one.end()
    await other.end()

    expect(ground.store.calls()).toEqual(['swapNow', 'swapNow', 'swap', 'swap'])
    expect(await browser.data()).toEqual({ userId: 'ada', a: 1, b: 2 })
  })

  it('P5: is dropped where the session has ended meanwhile', async () => {
    const { ground, browser, id } = await started()
    const late = await browser.open()
    late.req.session['late'] = 1
    await ground.store.destroy(id)

    await late.end()

    expect(await ground.store.textOf(id)).toBeUndefined()
    expect(ground.told.dropped).toEqual([id])
  })

  it('P4: waits for its turn behind what is under way', async () => {
    const { ground, browser } = await started()
    const [slow, quick] = [await browser.open(), await browser.open()]
    const { promise, resolve } = Promise.withResolvers<void>()
    ground.store.before(() => promise)
    const updating = slow.req.session.update((data) => {
      data.views = 1
    })
    quick.req.session['quick'] = 1
    ground.store.calls()

    const ended = quick.end()
    const meanwhile = ground.store.calls()
    resolve()
    await Promise.all([updating, ended, slow.end()])

    expect(meanwhile).toEqual([])
    expect(await browser.data()).toEqual({ userId: 'ada', views: 1, quick: 1 })
  })

  it('P14: is refused above the most bytes, and the old data kept', async () => {
    const { ground, browser, id } = await started({ maxBytes: 1_000 })
    const { req, visit } = await browser.open()
    req.session['big'] = 'x'.repeat(1_000)

    expect(() => ground.sessions.commit(visit)).toThrow(
      expect.objectContaining({ code: 'E_SESSION_TOO_LARGE' }),
    )
    expect(await ground.store.textOf(id)).not.toContain('big')
  })

  it('W7: tells of its public fields', async () => {
    const { ground, browser, id } = await started({ public: ['theme'] })

    await browser.visit((session) => Object.assign(session, { theme: 'dark' }))

    expect(ground.store.calls()).toEqual(['readNow', 'swapNow'])
    expect(ground.told.changed).toEqual([{ id, fields: { theme: 'dark' } }])
  })

  it('P10: that is a login goes the way of a rotation', async () => {
    const { ground, browser, id } = await started()

    await browser.visit((session) => Object.assign(session, { userId: 'bob' }))

    expect(ground.store.calls()).toEqual(['readNow', 'create', 'swap'])
    expect(await ground.store.textOf(id)).not.toContain('bob')
    expect(await browser.data()).toEqual({ userId: 'bob' })
  })

  it('W3: is stored at once by an event of a socket, too', async () => {
    const { ground, id } = await started()
    const bound = { identity: { id, stored: true, ended: false }, owner: {} }
    const { req, visit } = await openEvent(ground, bound)
    req.session['theme'] = 'dark'

    const line = ground.sessions.commit(visit)

    expect(line).toBeUndefined()
    expect(ground.store.calls()).toEqual(['readNow', 'swapNow'])
    expect(await ground.store.textOf(id)).toContain('dark')
  })

  it('stands on what is stored by then when it is changed once more', async () => {
    const { ground, browser } = await started()
    const { req, end } = await browser.open()
    req.session['a'] = 1
    await req.session.save()
    req.session['b'] = 2
    ground.store.calls()

    await end()

    expect(ground.store.calls()).toEqual(['swapNow'])
    expect(await browser.data()).toEqual({ userId: 'ada', a: 1, b: 2 })
  })
})
