/** What sessions of the drop-in keep better than where they come from (issue 4, point 1). */
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MemoryStore, session } from '../../src/session/dropin.ts'
import { type Act, count, createBrowser, startDropIn } from './dropin-ground.ts'
import { createOtherStore, slowStore } from './stores/connect-store.ts'
import { startServer } from './wire.ts'

function warnings() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  return () => warn.mock.calls.map(([line]) => String(line))
}

describe('a session of the drop-in', () => {
  it('is there in the same tick when it is kept in memory', async () => {
    const ticks: string[] = []
    const app = await startDropIn(
      (req, res) => {
        ticks.push('action')
        req.session.user ??= 'ada'
        res.end()
      },
      {
        before: (req) => {
          if (req.headers.cookie) queueMicrotask(() => ticks.push('microtask'))
        },
      },
    )
    const visit = app.browser()
    await visit()
    await visit()

    expect(ticks).toEqual(['action', 'action', 'microtask'])
  })

  it('is written once per request, whatever was called', async () => {
    const store = createOtherStore(Date.now)
    const { browser } = await startDropIn(
      async (req, res) => {
        req.session.views = 1
        await req.session.regenerate()
        req.session.views = 2
        await req.session.save()
        res.end()
      },
      { store, resave: true, saveUninitialized: true },
    )

    await browser()()

    expect(store.calls()).toEqual(['destroy', 'set'])
  })

  it('P8: without data is not kept after regenerate either; who saves it gets its cookie', async () => {
    const store = createOtherStore(Date.now)
    const { browser } = await startDropIn(
      async (req, res) => {
        if (req.url === '/save') await req.session.save()
        else await req.session.regenerate()
        res.end()
      },
      { store },
    )
    const visit = browser()

    expect((await visit('/regenerate')).lines).toEqual([])
    expect(store.calls()).toEqual(['destroy'])
    expect((await visit('/save')).lines).toHaveLength(1)
    expect(store.calls()).toEqual(['set'])
  })

  it('P4: keeps what parallel requests changed, on memory and on a Connect store', async () => {
    for (const store of [new MemoryStore(), slowStore()]) {
      const { browser } = await startDropIn(
        async (req, res) => {
          req.session[`k${req.url}`] = 1
          await wait(20)
          res.end(JSON.stringify(Object.keys(req.session).length))
        },
        { store },
      )
      const ask = browser()
      await ask()

      await Promise.all(['/1', '/2', '/3', '/4'].map((path) => ask(path)))

      expect((await ask('/5')).body).toBe('7')
    }
  })

  it('P5: stays destroyed when a slower request ends later', async () => {
    const said = warnings()
    const store = createOtherStore(Date.now)
    const arrived = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const { browser } = await startDropIn(
      async (req, res) => {
        if (req.url === '/out') return req.session.destroy(() => res.end('out'))
        req.session.views = (req.session.views ?? 0) + 1
        if (req.url === '/slow') {
          arrived.resolve()
          await ended.promise
        }
        return res.end(String(req.session.views))
      },
      { store },
    )
    const ask = browser()
    await ask()
    const { cookie } = ask

    const slow = ask('/slow')
    await arrived.promise
    await ask('/out')
    ended.resolve()
    await slow
    ask.cookie = cookie

    expect((await ask()).body).toBe('1')
    expect(said()).toEqual([
      expect.stringMatching(/^catamaran session: session [\w-]{8} has ended/),
    ])
  })

  it('P7: is renewed no more often than touchAfter says', async () => {
    const store = createOtherStore(Date.now)
    const seen: Act = (req, res) => {
      req.session['seen'] = true
      res.end()
    }
    const often = await startDropIn(seen, { store })
    const seldom = await startDropIn(seen, { store, touchAfter: 60 })
    const [ask, other] = [often.browser(), seldom.browser()]
    await ask()
    await other()
    store.calls()

    await ask()
    expect(store.calls()).toEqual(['get', 'touch'])
    await other()
    expect(store.calls()).toEqual(['get'])
  })

  it('P2: is found behind other cookies of its name', async () => {
    const { browser } = await startDropIn(count)
    const ask = browser()
    await ask()
    ask.cookie = `connect.sid=s%3Aforged.x; connect.sid=plain; ${ask.cookie}`

    expect((await ask()).body).toBe('2')
  })

  it('keeps to its own options where two session() share a store', async () => {
    const store = new MemoryStore()
    const common = { secret: 'cat', resave: false, saveUninitialized: false, store }
    const ids = ['a', 'b'].map((name) =>
      session({ ...common, name, genid: () => `${name}-id`, cookie: { path: `/${name}` } }),
    )
    const { url } = await startServer((req, res) => {
      const [first, second] = ids as [(typeof ids)[0], (typeof ids)[0]]
      first(req, res, () => second(req, res, () => count(req as never, res, () => {})))
    })

    const [a] = (await createBrowser(url)('/a')).lines
    const [b] = (await createBrowser(url)('/b')).lines

    expect(a).toMatch(/^a=s%3Aa-id.*Path=\/a;/)
    expect(b).toMatch(/^b=s%3Ab-id.*Path=\/b;/)
  })

  it('is not stored for a secure cookie that cannot travel, and says so once', async () => {
    const said = warnings()
    const store = createOtherStore(Date.now)
    const { browser } = await startDropIn(count, { store, cookie: { secure: true } })

    await browser()()
    await browser()()

    expect(store.calls()).toEqual([])
    expect(said()).toEqual([expect.stringContaining('set proxy when TLS ends at a proxy')])
  })

  it('P14: refuses BigInt, cycles and what is nested too deep by their path; what JSON drops passes with one warning', async () => {
    const said = warnings()
    const { browser, errors } = await startDropIn((req, res) => {
      const cycle: Record<string, unknown> = {}
      cycle['self'] = cycle
      const deep: unknown = JSON.parse('['.repeat(1001) + ']'.repeat(1001))
      const values: Record<string, unknown> = {
        ...{ '/big': 1n, '/cycle': cycle },
        ...{ '/deep': deep, '/fn': () => {}, '/behind': { fn: () => {}, deep } },
      }
      req.session['value'] = { inner: values[req.url ?? ''] }
      res.end('ok')
    })

    const answers = [await browser()('/big'), await browser()('/cycle'), await browser()('/deep')]
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500])
    expect(errors).toMatchObject(Array(3).fill({ code: 'E_SESSION_VALUE' }))
    expect(String(errors)).toContain('session.value.inner.self')
    expect(said()).toEqual([])

    expect([(await browser()('/fn')).body, (await browser()('/fn')).body]).toEqual(['ok', 'ok'])
    expect(said()).toEqual([expect.stringContaining('session.value.inner')])
    expect((await browser()('/behind')).status).toBe(500)
  })

  it('has an originalMaxAge that does not drift', async () => {
    const { browser } = await startDropIn(
      (req, res) => {
        req.session['n'] = Number(req.session['n'] ?? 0) + 1
        for (let times = 0; times < 1_000; times += 1) req.session.touch()
        res.end(String(req.session.cookie.originalMaxAge))
      },
      { cookie: { maxAge: 60_000 }, resave: true },
    )
    const ask = browser()

    for (let times = 0; times < 20; times += 1) {
      expect((await ask()).body).toBe('60000')
      await wait(1)
    }
  })

  it('lives on although the expiry in its text is long past', async () => {
    const store = createOtherStore(Date.now)
    const { browser } = await startDropIn(count, { store, cookie: { maxAge: 60_000 } })
    const ask = browser()
    await ask()
    const { get } = store
    store.get = (id, done) =>
      get(id, (error, found) => {
        const old = found as { cookie: { expires: string } } | undefined
        if (old) old.cookie.expires = '2001-01-01T00:00:00.000Z'
        done(error, old)
      })

    expect((await ask()).body).toBe('2')
    expect(store.last()?.cookie.maxAge).toBeGreaterThan(50_000)
    expect((await ask()).body).toBe('3')
  })
})
