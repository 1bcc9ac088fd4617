/** Seed 004, the session page of Connect: rows 004-17 to 004-32, the session's methods and the store's. */
import { Session } from 'express-session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Act, count, startDropIn } from './dropin-ground.ts'
import { createOtherStore } from './stores/connect-store.ts'

const minute = 60_000
const hour = 3_600_000

/** What the page says of one call: made over HTTP, told as JSON. */
async function told(act: Act, options: Parameters<typeof startDropIn>[1] = {}) {
  const { browser } = await startDropIn(act, options)
  const ask = browser()
  return { ask, say: async (path = '/') => JSON.parse((await ask(path)).body) }
}

describe('seed 004: the session’s methods', () => {
  it('004-17: regenerate(fn) gives a new id and a new Session', async () => {
    const { ask, say } = await told((req, res) => {
      const before = req.session
      if (req.url === '/') {
        before.views = 1
        return res.end('1')
      }
      return before.regenerate((error?: unknown) => {
        const { session } = req
        res.end(
          JSON.stringify([
            error ?? null,
            session !== (before as unknown),
            session instanceof Session,
            session.id !== before.id,
            session.views ?? null,
          ]),
        )
      })
    })
    await ask()

    expect(await say('/again')).toEqual([null, true, true, true, null])
  })

  it('004-18: destroy(fn) removes req.session, and the next request has a new one', async () => {
    const { ask, say } = await told((req, res) => {
      if (req.url !== '/out') return count(req, res, () => {})
      return req.session.destroy((error?: unknown) => {
        res.end(JSON.stringify([error ?? null, typeof req.session]))
      })
    })
    await ask()
    const { cookie } = ask

    expect(await say('/out')).toEqual([null, 'undefined'])
    expect((await ask()).body).toBe('1')
    expect(ask.cookie).not.toBe(cookie)
  })

  it('004-19: reload(fn) loads the data again', async () => {
    const { ask, say } = await told((req, res) => {
      if (req.url === '/') return count(req, res, () => {})
      req.session.views = 99
      return req.session.reload((error?: unknown) => {
        res.end(JSON.stringify([error ?? null, req.session.views]))
      })
    })
    await ask()

    expect(await say('/reload')).toEqual([null, 1])
  })

  it('004-20: save(fn) saves now', async () => {
    const store = createOtherStore(Date.now)
    const { say } = await told(
      (req, res) => {
        req.session.views = 1
        req.session.save((error?: unknown) => {
          res.end(JSON.stringify([error ?? null, store.last()?.['views']]))
        })
      },
      { store },
    )

    expect(await say()).toEqual([null, 1])
    expect(store.calls()).toEqual(['set'])
  })

  it('004-22: each session has a cookie of its own, to be changed for its visitor', async () => {
    const { browser } = await startDropIn((req, res) => {
      req.session['seen'] = true
      if (req.url === '/long') req.session.cookie.maxAge = hour
      res.end()
    })

    expect((await browser()('/long')).lines[0]).toMatch(/Expires=/)
    expect((await browser()('/short')).lines[0]).not.toMatch(/Expires=/)
  })

  it('004-23: cookie.expires = false makes it last as long as the browser', async () => {
    const { browser } = await startDropIn(
      (req, res) => {
        req.session['seen'] = true
        req.session.cookie.expires = false
        res.end()
      },
      { cookie: { maxAge: hour } },
    )

    expect((await browser()()).lines[0]).not.toMatch(/Expires=/)
  })
})

describe('seed 004: the time that is left', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const left: Act = (req, res) => {
    const { maxAge } = req.session.cookie
    req.session['seen'] = true
    if (req.url === '/touch') req.session.touch()
    res.end(JSON.stringify([maxAge, req.session.cookie.maxAge]))
  }

  it('004-21: touch() brings maxAge back to what it was set to', async () => {
    const { ask, say } = await told(left, { cookie: { maxAge: minute } })
    await ask()
    vi.advanceTimersByTime(30_000)

    expect(await say('/touch')).toEqual([30_000, 60_000])
  })

  it.each([
    ['004-24', 'on memory', () => ({})],
    ['004-24', 'on a Connect store', () => ({ store: createOtherStore(() => Date.now()) })],
    ['004-27', 'on memory', () => ({})],
    ['004-27', 'on a Connect store', () => ({ store: createOtherStore(() => Date.now()) })],
    ['004-27', 'saved at each request', () => ({ resave: true })],
  ])('%s: maxAge is what is left, renewed by each request: %s', async (_row, _where, options) => {
    const { ask, say } = await told(left, { cookie: { maxAge: minute }, ...options() })
    await ask()

    for (const seconds of [30, 45, 59, 10]) {
      vi.advanceTimersByTime(seconds * 1000)
      const rest = minute - seconds * 1000
      expect(await say()).toEqual([rest, rest])
    }
    vi.advanceTimersByTime(minute + 1)
    expect(await say()).toEqual([minute, minute])
  })

  it.each([
    ['004-25: assigning maxAge moves expires', { maxAge: hour }],
    ['004-26: assigning expires is the same', { expires: new Date(1_800_000_000_000 + hour) }],
  ])('%s', async (_, change) => {
    const { browser } = await startDropIn((req, res) => {
      Object.assign(req.session, { seen: true })
      Object.assign(req.session.cookie, change)
      const { maxAge, expires } = req.session.cookie
      res.end(JSON.stringify([maxAge, expires]))
    })

    const { body, lines } = await browser()()

    const end = new Date(1_800_000_000_000 + hour)
    expect(JSON.parse(body)).toEqual([hour, end.toISOString()])
    expect(lines[0]).toContain(`Expires=${end.toUTCString()}`)
  })
})

describe('seed 004: a store of somebody’s own', () => {
  it.each([
    ['004-28', 'get'],
    ['004-29', 'set'],
    ['004-30', 'destroy'],
  ])('%s: has %s asked as the page says, and needs no more than the three', async (_, method) => {
    const { get, set, destroy, on, calls } = createOtherStore(Date.now)
    const { browser } = await startDropIn(
      (req, res) => {
        if (req.url === '/out') req.session.destroy(() => res.end('out'))
        else count(req, res, () => {})
      },
      { store: { get, set, destroy, on } },
    )
    const ask = browser()

    const bodies = [await ask(), await ask(), await ask('/out')].map(({ body }) => body)

    expect(bodies).toEqual(['1', '2', 'out'])
    const made = calls()
    expect(made).toEqual(['set', 'get', 'get', 'set', 'get', 'destroy'])
    expect(made).toContain(method)
  })

  /** Our memory store with one visitor in it, and what its methods call back with. */
  async function filled() {
    const { MemoryStore } = await import('../../src/session/dropin.ts')
    const store = new MemoryStore()
    const { browser } = await startDropIn(count, { store })
    const ask = browser()
    await ask()
    const call = (method: 'length' | 'clear') =>
      new Promise((resolve) => store[method]((...given: unknown[]) => resolve(given)))
    return { ask, call }
  }

  it('004-31: may have length, which ours has', async () => {
    const { call } = await filled()

    expect(await call('length')).toEqual([null, 1])
  })

  it('004-32: may have clear, which ours has', async () => {
    const { ask, call } = await filled()

    expect(await call('clear')).toEqual([null, undefined])
    expect(await call('length')).toEqual([null, 0])
    expect((await ask()).body).toBe('1')
  })
})
