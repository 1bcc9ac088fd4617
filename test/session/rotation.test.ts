/** P10: a session gets a new id and keeps its data, on every store, whatever is under way. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { markerText, nobody } from '../../src/session/marker.ts'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import {
  createGround,
  createRequest,
  dataOf,
  type GroundOptions,
  loggedIn,
  openEvent,
  type TestSession,
} from './ground.ts'
import { describeEveryStore, type OpenStore } from './stored.ts'

/** A visitor with data, and a second node that shares the store. */
async function known(open: OpenStore, options = {}) {
  const store = await open()
  const here = createGround({ ...options, ...(store && { store }) })
  const there = here.node()
  const { browser, id } = await loggedIn(here)
  const old = there.browser(browser.cookie)
  return { here, there, browser, old, id }
}

/** Answers that carry the cookie of an unchanged session: options of all nodes, and of the one that answers. */
function lateAnswers(store: string) {
  const answers: [string, GroundOptions, GroundOptions?][] = [
    ['by rolling', { rolling: true }],
    ['with a life that its read renewed', { touchAfter: 0, cookie: { maxAge: 600_000 } }],
  ]
  // In memory there is one process.
  if (store !== 'memory') answers.push(['signed anew', {}, { secrets: ['new', 'keyboard cat'] }])
  return answers
}

const rotate = (session: TestSession) => session.rotate()

describeEveryStore('rotate', (open, name) => {
  it('P10: gives a new id and keeps the data; the old id is dead at once', async () => {
    const { browser, old, id } = await known(open)

    const line = await browser.visit(async (session, req) => {
      session['before'] = 1
      await session.rotate()
      expect(req.session).toBe(session)
      expect(req.sessionID).not.toBe(id)
      expect(session.id).toBe(req.sessionID)
      expect(await old.data()).toEqual({})
      session['after'] = 2
    })

    expect(line).toMatch(/^sid=s%3A/)
    expect(await browser.data()).toEqual({ userId: 'ada', before: 1, after: 2 })
    expect(await old.data()).toEqual({})
  })

  it('P10: what was under way under the old id lands on the new record, without its cookie', async () => {
    // A change of a session with an expiry sends the cookie, but for this.
    const { there, browser, old } = await known(open, { cookie: { maxAge: 600_000 } })
    const late = await old.open()
    late.req.session['late'] = 1

    await browser.visit(rotate)
    const line = await late.end()

    expect(line).toBeUndefined()
    expect(there.told.dropped).toEqual([])
    expect(await browser.data()).toEqual({ userId: 'ada', late: 1 })
  })

  it('P6: an update under way under the old id counts, and shows it nothing else', async () => {
    const { browser, old } = await known(open)
    const late = await old.open()

    await browser.visit(async (session) => {
      session['secret'] = 1
      await session.rotate()
    })
    await late.req.session.update((data) => {
      data.views = (data.views ?? 0) + 1
    })
    await late.req.session.update((data) => {
      data.views = (data.views ?? 0) + 1
    })

    expect(dataOf(late.req.session)).toEqual({ userId: 'ada' })
    expect(await browser.data()).toEqual({ userId: 'ada', secret: 1, views: 2 })
  })

  it('P10: leads on through several rotations', async () => {
    const { browser, old } = await known(open)
    const late = await old.open()
    late.req.session['late'] = 1

    await browser.visit(rotate)
    await browser.visit(rotate)
    await late.end()

    expect(await browser.data()).toEqual({ userId: 'ada', late: 1 })
  })

  it('P10: two at once end in one session', async () => {
    const { here, there, browser, old } = await known(open)
    const [one, two] = await Promise.all([browser.open(), old.open()])
    one.req.session['one'] = 1
    two.req.session['two'] = 2

    await Promise.all([one.req.session.rotate(), two.req.session.rotate()])
    const lines = await Promise.all([one.end(), two.end()])

    const sent = lines.filter((line) => line !== undefined)
    expect(sent).toHaveLength(1)
    const [pair = ''] = sent[0]?.split(';') ?? []
    expect(await here.browser(pair).data()).toEqual({ userId: 'ada', one: 1, two: 2 })
    // The session and the marker.
    expect(await there.store.count()).toBe(2)
  })

  it('P5: stays destroyed when it is destroyed before, at the same time or after', async () => {
    for (const order of ['before', 'together', 'after']) {
      const { here, browser, old } = await known(open)
      const [turning, ending] = await Promise.all([browser.open(), old.open()])
      const destroy = () => ending.req.session.destroy()
      const rotating = () => turning.req.session.rotate().catch(() => {})

      if (order === 'before') await destroy().then(rotating)
      else if (order === 'after') await rotating().then(destroy)
      else await Promise.all([rotating(), destroy()])
      turning.req.session['late'] = 1
      const line = await turning.end().catch(() => undefined)
      await ending.end()

      expect(await browser.data()).toEqual({})
      expect(await here.browser(line?.split(';')[0]).data()).toEqual({})
      expect(await old.data()).toEqual({})
    }
  })

  it('P10: leaves a marker that no read of the old id keeps longer than its minute', async () => {
    const { here, browser, old, id } = await known(open, { touchAfter: 0 })
    await old.visit()

    await browser.visit(rotate)
    await old.visit()
    await old.visit()

    const left = (await here.store.secondsLeft?.(id)) ?? 0
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(60)
  })

  it('P10: is not undone by the renewal of a request under way under the old id', async () => {
    const { here, there, browser, id } = await known(open, { cookie: { maxAge: 600_000 } })
    // In memory there is one process; elsewhere it is one that has not seen this session before.
    const other = name === 'memory' ? here : there
    const late = await other.browser(browser.cookie).open()
    late.req.session.touch()

    await browser.visit(rotate)
    const line = await late.end()

    expect(line).toBeUndefined()
    const left = (await here.store.secondsLeft?.(id)) ?? 0
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(60)
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it.each(lateAnswers(name))(
    'P10: a late answer brings no dead id %s',
    async (_, options, others) => {
      for (const leave of ['rotate', 'regenerate'] as const) {
        const { here, there, browser } = await known(open, options)
        const other = others ? here.node(others) : name === 'memory' ? here : there
        await other.browser(browser.cookie).visit()
        const late = await other.browser(browser.cookie).open()
        const alive = await other.browser(browser.cookie).visit()

        await browser.visit((session) => session[leave]())
        const line = await late.end()

        expect(alive).toContain('sid=')
        expect(line).toBeUndefined()
      }
    },
  )

  it('P10: keeps what is stored after a renewal of the same request that came too late', async () => {
    const { here, there, browser } = await known(open)
    const other = name === 'memory' ? here : there
    const late = await other.browser(browser.cookie).open()
    await browser.visit(rotate)

    late.req.session.touch()
    await late.req.session.save()
    late.req.session['late'] = 1
    await late.end()

    expect(await browser.data()).toEqual({ userId: 'ada', late: 1 })
  })

  it('P5: is over under every id when the first change is dropped', async () => {
    const { here, browser, old } = await known(open)
    const [late, leaving] = [await here.browser(browser.cookie).open(), await old.open()]
    late.req.session['late'] = 1
    await browser.visit(rotate)
    const { destroy } = here.store
    const seen: object[] = []
    here.store.destroy = async (id) => {
      const removed = await destroy(id)
      here.store.destroy = destroy
      await late.end()
      seen.push({ dropped: here.told.dropped.length, data: await browser.data() })
      return removed
    }

    await leaving.req.session.destroy()

    expect(seen).toEqual([{ dropped: 1, data: {} }])
  })
})

describe('a renewal that finds a marker which leads nowhere', () => {
  it.each(['machine', 'nodes'] as const)('says that it has expired: %s', async (reach) => {
    const memory = createMemoryStore({ clock: Date.now })
    onTestFinished(() => memory.close())
    const { here, browser, id } = await known(async () => ({ ...memory, reach }))
    const late = await browser.open()
    late.req.session.touch()
    await here.store.put(id, markerText(id, nobody))

    await late.end()

    expect(here.told.ended).toMatchObject([{ id, reason: 'expired' }])
  })
})

describe('a cookie that an answer brings', () => {
  function shared() {
    const memory = createMemoryStore({ clock: Date.now })
    onTestFinished(() => memory.close())
    return known(async () => ({ ...memory, reach: 'nodes' }), { rolling: true })
  }

  it('P7: asks the store nothing where its id was made by the same request', async () => {
    const { here, browser } = await shared()

    await browser.visit(async (session, req) => {
      await session.regenerate()
      req.session['a'] = 1
      await req.session.save()
      here.store.calls()
    })

    expect(here.store.calls()).toEqual([])
  })

  it('P3: is sent, and the error told after it, where the store fails to say whether its id lives', async () => {
    const { here, browser } = await shared()
    const { visit, end } = await browser.open()
    here.store.before(() => {
      throw new Error('down')
    })

    expect(await end()).toContain('sid=')
    expect(visit.lateError).toEqual(new Error('down'))
  })
})

describe('rotate', () => {
  it('P10: is refused when the session was destroyed meanwhile', async () => {
    const { browser, old } = await known(async () => undefined)
    const { req, end } = await browser.open()

    await old.visit((session) => session.destroy())

    await expect(req.session.rotate()).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(await end()).toBeUndefined()
  })

  it('P10: retries when another request was faster', async () => {
    const { here, browser, old } = await known(async () => undefined)
    let writes = 0
    here.store.before(async (verb) => {
      if (verb !== 'swap' || writes++ > 0) return
      here.store.before(undefined)
      await old.visit((session) => {
        session['theirs'] = 1
      })
    })

    await browser.visit(rotate)

    expect(await browser.data()).toEqual({ userId: 'ada', theirs: 1 })
    expect(await here.store.count()).toBe(2)
  })

  it('leaves no usable id in the store under the old one, for a minute', async () => {
    const { here, browser, id } = await known(async () => undefined)

    await browser.visit(rotate)

    const marker = (await here.store.textOf(id)) ?? ''
    const { req } = await browser.open()
    expect(marker).toContain('_catamaran')
    expect(marker).not.toContain(req.sessionID)
    here.time.now += 61_000
    expect(await here.store.textOf(id)).toBeUndefined()
  })

  it('P16: tells the sockets of the old id after the answer', async () => {
    const { here, browser, id } = await known(async () => undefined)
    const { req, visit } = await browser.open()

    await req.session.rotate()
    await here.sessions.commit(visit)
    const before = [...here.told.ended]
    here.sessions.answered(visit)

    expect(before).toEqual([])
    expect(here.told.ended).toEqual([{ id, reason: 'rotated', reconnect: true }])
  })

  it('P16: tells the sockets of the new id when it is ended under the old one', async () => {
    const { there, browser, old } = await known(async () => undefined)
    const late = await old.open()
    await browser.visit(rotate)
    const { req } = await browser.open()

    await late.req.session.destroy()

    expect(there.told.ended).toContainEqual(
      expect.objectContaining({ id: req.sessionID, reason: 'destroyed' }),
    )
  })

  it('P5: sends no cookie of the new id, either, when it is ended under the old one', async () => {
    const { there, browser, old } = await known(async () => undefined, { rolling: true })
    const late = await old.open()
    await browser.visit(rotate)
    await there.browser(browser.cookie).visit()
    const reading = await there.browser(browser.cookie).open()

    await late.req.session.destroy()

    expect(await reading.end()).toBeUndefined()
  })

  it('gives a session that is not stored another id, and asks no store', async () => {
    const ground = createGround()
    const browser = ground.browser()

    await browser.visit(async (session, req) => {
      const first = req.sessionID
      await session.rotate()
      expect(req.sessionID).not.toBe(first)
      expect(ground.store.calls()).toEqual([])
      session['a'] = 1
    })

    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('keeps the id an app’s own maker gives again', async () => {
    const ground = createGround({ genid: () => 'same' })
    const { browser } = await loggedIn(ground)

    await browser.visit(rotate)

    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('keeps the id where the browser would not take the new cookie', async () => {
    const ground = createGround({ cookie: { secure: true } })
    const browser = ground.browser()
    browser.secure = true
    await browser.visit((session) => {
      session['a'] = 1
    })
    const { cookie } = browser
    browser.secure = false

    await browser.visit(rotate)

    expect(await ground.browser(cookie).data()).toEqual({ a: 1 })
  })

  it('W6: over a socket keeps the id, with one warning', async () => {
    const { here, browser, id } = await known(async () => undefined)
    const { identity } = await here.sessions.identify(createRequest() as never, browser.cookie)

    for (const key of ['one', 'two']) {
      const { req, end } = await openEvent(here, { identity, owner: {} })
      await req.session.rotate()
      req.session[key] = 1
      await end()
      expect(req.sessionID).toBe(id)
    }

    expect(here.told.warned).toEqual([expect.stringContaining('over a socket')])
    expect(await browser.data()).toEqual({ userId: 'ada', one: 1, two: 1 })
  })

  it('P10: of a fresh socket leads on what its other events change', async () => {
    const ground = createGround()
    const { identity } = await ground.sessions.identify(createRequest() as never, undefined)
    const bound = { identity, owner: {}, renewable: true }
    const [turning, late] = [await openEvent(ground, bound), await openEvent(ground, bound)]
    turning.req.session['first'] = 1
    late.req.session['late'] = 2

    await turning.req.session.save()
    await turning.req.session.rotate()
    await turning.end()
    await late.end()

    const moved = ground.told.moved[0]?.to as typeof identity
    const { req } = await openEvent(ground, { ...bound, identity: moved })
    expect(dataOf(req.session)).toEqual({ first: 1, late: 2 })
  })

  it('W5: an event of the old id is refused, and its socket asked to come back', async () => {
    const { here, there, browser, id } = await known(async () => undefined)
    const { identity } = await there.sessions.identify(createRequest() as never, browser.cookie)

    await browser.visit(rotate)
    const event = openEvent(there, { identity, owner: {} })

    await expect(event).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
    expect(there.told.ended).toEqual([{ id, reason: 'rotated', reconnect: true }])
    expect(here.told.ended).toHaveLength(1)
  })

  it('that fails fails the answer', async () => {
    const { here, browser } = await known(async () => undefined)
    here.store.before((verb) => {
      if (verb === 'create') throw Object.assign(new Error('down'), { status: 503 })
    })

    const visiting = browser.visit(rotate)

    await expect(visiting).rejects.toThrow('down')
    here.store.before(undefined)
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('takes a callback, as Connect’s methods do', async () => {
    const { browser, id } = await known(async () => undefined)
    const { req, end } = await browser.open()

    const error = await new Promise((resolve) => {
      expect(req.session.rotate(resolve)).toBe(req.session)
    })

    expect(error).toBeUndefined()
    expect(req.sessionID).not.toBe(id)
    await end()
    expect(await browser.data()).toEqual({ userId: 'ada' })
  })

  it('refuses a reload of what came with the old id', async () => {
    const { browser, old } = await known(async () => undefined)
    const late = await old.open()

    await browser.visit(rotate)

    await expect(late.req.session.reload()).rejects.toMatchObject({ code: 'E_SESSION_ENDED' })
  })
})
