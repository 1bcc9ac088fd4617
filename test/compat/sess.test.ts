/** Seed 003, row by row: `sess` on plain node:http, middler, Connect and Express, over real collections. */
import { createRequire } from 'node:module'
import connect from 'connect'
import express from 'express'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SessSession, sess } from '../../src/compat/sess.ts'
import { memoryCollection, redisCollection, rowOf } from '../session/stores/modeler-ground.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import {
  type Act,
  count,
  idsOf,
  type SessRequest,
  serve,
  serveOn,
  startSess,
} from './sess-ground.ts'

const require = createRequire(import.meta.url)
const middler = require('middler')

const views = async (browser: (path?: string) => Promise<{ body: string }>, times = 2) => {
  const seen: string[] = []
  for (let n = 0; n < times; n += 1) seen.push((await browser()).body)
  return seen
}

describe('seed 003: sess', () => {
  it('003-01: gives a session to plain node:http, without connect or express', async () => {
    const { browser } = await startSess()

    expect(await views(browser(), 3)).toEqual(['1', '2', '3'])
  })

  it('003-02: keeps sessions in memory when it is given nothing', async () => {
    const { browser } = await startSess(count, sess())

    expect(await views(browser())).toEqual(['1', '2'])
  })

  it('003-03: forgets them with the server, and adopts no id it does not know', async () => {
    const [before, after] = [await startSess(), await startSess()]
    const visitor = before.browser()
    await visitor()
    const again = after.browser()
    again.cookie = visitor.cookie

    const page = await again()

    expect(page.body).toBe('1')
    expect(again.cookie).not.toBe(visitor.cookie)
  })

  it('003-04: has a set of sessions per server, however often a middleware is mounted', async () => {
    const middleware = sess()
    const [one, two] = [await startSess(count, middleware), await startSess(count, middleware)]
    const other = await startSess()
    const visitor = one.browser()
    await visitor()
    const here = Object.assign(two.browser(), { cookie: visitor.cookie })
    const there = Object.assign(other.browser(), { cookie: visitor.cookie })

    expect([(await here()).body, (await there()).body]).toEqual(['2', '1'])
  })

  it('003-05: keeps them in a modeler collection, for all servers that share it', async () => {
    const sessions = memoryCollection()
    const [one, two] = [
      await startSess(count, sess({ sessions })),
      await startSess(count, sess({ sessions })),
    ]
    const visitor = one.browser()
    await visitor()
    const there = Object.assign(two.browser(), { cookie: visitor.cookie })

    expect((await there()).body).toBe('2')
    const row = await rowOf(sessions, visitor.cookie.slice('sess='.length))
    expect(row).toMatchObject({ rev: 2, views: 2, created: expect.any(Date) })
  })

  it('003-06: stands in a middler stack', async () => {
    const { browser } = await serveOn((server) => {
      middler(server)
        .add(sess())
        .add((req: SessRequest, res: never) => count(req, res))
    })

    expect(await views(browser())).toEqual(['1', '2'])
  })

  it('003-07: puts the row itself on req.session, with methods that only for…in sees', async () => {
    const { browser } = await startSess(({ session }, res) => {
      const names: string[] = []
      for (const name in session) names.push(name)
      res.end(JSON.stringify({ names, keys: Object.keys(session), rev: session.rev }))
    })

    const { names, keys, rev } = JSON.parse((await browser()()).body)

    expect([keys, rev]).toEqual([['id', 'created', 'rev'], 0])
    const methods = ['req', 'res', 'save', 'destroy', 'touch', 'reload', 'regenerate']
    expect(names).toEqual([...keys, ...methods])
  })

  it('003-08: puts its id on req.sessionID: 32 letters and digits, all random', async () => {
    const { browser } = await startSess(({ session, sessionID }, res) => {
      res.end(JSON.stringify([sessionID, session.id]))
    })
    const ids = await Promise.all(Array.from({ length: 50 }, () => browser()()))

    const pairs: string[][] = ids.map(({ body }) => JSON.parse(body))
    for (const [id, own] of pairs)
      expect([id, own]).toEqual([own, expect.stringMatching(/^\w{32}$/)])
    // sess's first seven characters were the clock.
    expect(new Set(pairs.map(([id]) => id?.slice(0, 7))).size).toBe(50)
  })

  it('003-09: takes its options or none, leaves them alone, and names middleware of three', () => {
    const options = { cookie: { maxAge: 5 } }

    expect([sess(), sess(options)].map(({ length }) => length)).toEqual([3, 3])
    expect(options).toEqual({ cookie: { maxAge: 5 } })
  })

  it('003-10: calls its cookie `sess`, or as `key` says', async () => {
    const [plain, named] = [await startSess(), await startSess(count, sess({ key: 'foo' }))]

    expect((await plain.browser()()).lines[0]).toMatch(/^sess=/)
    expect((await named.browser()()).lines[0]).toMatch(/^foo=/)
  })

  it('003-11: calls it as `cookie.name` says, before `key`', async () => {
    const { browser } = await startSess(count, sess({ key: 'foo', cookie: { name: 'bar' } }))

    expect((await browser()()).lines[0]).toMatch(/^bar=/)
  })

  it.each([
    [{}, /^sess=\w{32}; Path=\/; HttpOnly$/],
    [{ httpOnly: false }, /^sess=\w{32}; Path=\/$/],
    [{ path: '/app', domain: 'a.b' }, /; Domain=a\.b; Path=\/app; HttpOnly$/],
    [{ maxAge: 60, expires: new Date(0) }, /; Max-Age=60; Path=\/; Expires=Thu, 01 Jan 1970/],
    [{ sameSite: 'lax' as const, encode: (id: string) => `E${id}` }, /^sess=E.*; SameSite=Lax$/],
  ])('003-12: hands its cookie options on: %j', async (cookie, line) => {
    const { browser } = await startSess(count, sess({ cookie }))

    expect((await browser()()).lines).toEqual([expect.stringMatching(line)])
  })

  it('003-12: neither stores nor sends a secure session over plain http', async () => {
    const sessions = memoryCollection()
    const { browser } = await startSess(count, sess({ sessions, cookie: { secure: true } }))

    expect((await browser()()).lines).toEqual([])
    expect(await idsOf(sessions)).toEqual([])
    const page = await browser()('/', { 'x-forwarded-proto': 'https' })
    expect(page.lines[0]).toMatch(/; Secure$/)
  })

  it('003-13: sends the cookie when it is needed: at the first change, after touch()', async () => {
    const { browser } = await startSess((req, res) => {
      if (req.url === '/touch') res.end(String(req.session.touch() === req.session))
      else if (req.url === '/look') res.end()
      else count(req, res)
    })
    const visitor = browser()

    const lines = [
      await visitor('/look'),
      await visitor(),
      await visitor(),
      await visitor('/touch'),
    ]

    expect(lines.map((page) => page.lines.length)).toEqual([0, 1, 0, 1])
  })

  it('003-13: sends it with every answer where `alwaysSet` says so', async () => {
    const { browser } = await startSess(
      (_, res) => res.end(),
      sess({ cookie: { alwaysSet: true } }),
    )

    expect((await browser()()).lines).toHaveLength(1)
  })

  it('003-14: refuses for `sessions` what is no collection', () => {
    expect(() => sess({ sessions: {} as never })).toThrow(/no create\(\)/)
  })

  it('003-14: keeps them in memory where `sessions` is null', async () => {
    const { browser } = await startSess(count, sess({ sessions: null }))

    expect(await views(browser())).toEqual(['1', '2'])
  })

  it('003-15: saves, reloads, regenerates and destroys as connect does', async () => {
    const acts: Record<string, Act> = {
      '/regenerate': (req, res) => {
        req.session.regenerate(() => {
          req.session['views'] = 10
          res.end(req.sessionID)
        })
      },
      '/reload': (req, res) => {
        const { session } = req
        session['views'] = 99
        session.reload(() =>
          res.end(JSON.stringify([req.session === session, req.session['views']])),
        )
      },
      '/destroy': (req, res) => {
        req.session.destroy(() => res.end(`${req.session} ${req.sessionID}`))
      },
    }
    const { browser } = await startSess((req, res) => (acts[req.url ?? ''] ?? count)(req, res))
    const visitor = browser()
    await visitor()
    const first = visitor.cookie

    expect((await visitor('/reload')).body).toBe('[false,1]')
    expect(`sess=${(await visitor('/regenerate')).body}`).toBe(visitor.cookie)
    expect(visitor.cookie).not.toBe(first)
    expect((await visitor()).body).toBe('11')
    expect((await visitor('/destroy')).body).toBe('undefined undefined')
    expect((await visitor()).body).toBe('1')
  })

  it('003-16: serves in connect and express, with middleware that only uses req.session', async () => {
    const flash = (
      req: { session: SessSession; flash?: unknown },
      _: unknown,
      next: () => void,
    ) => {
      const { session } = req
      req.flash = () => {
        const said = session['said']
        delete session['said']
        return said
      }
      session['said'] ??= 'hello'
      next()
    }
    const inConnect = connect()
      .use(sess())
      .use(count as never)
    const inExpress = express()
    inExpress.use(sess(), flash as never)
    inExpress.get('/', (req, res) => res.json(Object(req).flash()))
    inExpress.get('/away', (_, res) => res.redirect('/'))
    const [one, other] = [await serve(inConnect), await serve(inExpress)]

    expect(await views(one.browser())).toEqual(['1', '2'])
    const visitor = other.browser()
    const away = await visitor('/away')
    expect([away.status, away.lines.length]).toEqual([302, 1])
    expect((await visitor()).body).toBe('"hello"')
  })

  it('003-20: is what `require` gives, and makes the middleware of a collection', async () => {
    const made = require('../../src/compat/sess.ts')
    const { browser } = await serveOn((server) => {
      middler(server)
        .add(made({ sessions: memoryCollection() }))
        .add((req: SessRequest, res: never) => count(req, res))
    })

    expect(made).toBe(made.sess)
    expect(await views(browser())).toEqual(['1', '2'])
  })

  it('003-21: is ours, line by line; the licence of sess needs no mention', () => {
    expect(require('../../package.json').license).toBe('MIT')
  })
})

describeRedis('seed 003: sess over redis', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.close())

  it('003-18: makes the collection with name, prefix and client, whose keys it then has', async () => {
    const { collection, close } = redisCollection(server, 'shop:')
    const visitor = (await startSess(count, sess({ sessions: collection }))).browser()
    await visitor()

    const key = `shop:sessions:${visitor.cookie.slice('sess='.length)}`
    const client = await createClient({ url: server.url }).connect()
    const text = await client.get(key)
    client.destroy()
    expect(JSON.parse(text ?? '')).toMatchObject({ views: 1 })
    close()
  })

  it('003-19: takes the client of `createClient()`', async () => {
    const { collection, close } = redisCollection(server, 'client:')
    const { browser } = await startSess(count, sess({ sessions: collection }))

    expect(await views(browser())).toEqual(['1', '2'])
    close()
  })

  it('003-17: stores in modeler-redis, for all servers that share it', async () => {
    const { collection, close } = redisCollection(server, 'myapp:')
    const one = await startSess(count, sess({ sessions: collection }))
    const two = await startSess(count, sess({ sessions: collection }))
    const visitor = one.browser()
    await visitor()
    const there = Object.assign(two.browser(), { cookie: visitor.cookie })

    expect((await there()).body).toBe('2')
    const row = await rowOf(collection, visitor.cookie.slice('sess='.length))
    expect(row).toMatchObject({ views: 2, rev: 2 })
    // What modeler-redis counts in is no session, whoever asks for it.
    expect((await Object.assign(one.browser(), { cookie: 'sess=_idx' })()).body).toBe('1')
    close()
  })
})
