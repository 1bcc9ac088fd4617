/** Seed 004, the session page of Connect: rows 004-01 to 004-16, its options and its example. */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { MemoryStore, session } from '../../src/session/dropin.ts'
import { type Act, count, startDropIn } from './dropin-ground.ts'
import { startServer } from './wire.ts'

const require = createRequire(import.meta.url)
const connect = require('connect')
const cookieParser = require('cookie-parser')

const idOf = (cookie: string) => decodeURIComponent(cookie).match(/s:([^.]+)/)?.[1] ?? ''

describe('seed 004: setting up', () => {
  it('004-01: session(options) gives a Connect middleware', () => {
    const middleware = session({ secret: 'keyboard cat', resave: false, saveUninitialized: false })

    expect(middleware).toHaveLength(3)
  })

  it('004-02: data is kept in the store, and only an id in the cookie', async () => {
    const store = new MemoryStore()
    const { browser } = await startDropIn(
      (req, res) => {
        req.session['word'] = 'platypus'
        res.end()
      },
      { store },
    )
    const ask = browser()

    await ask()

    expect(decodeURIComponent(ask.cookie)).toMatch(/^connect\.sid=s:[\w-]{32}\.[\w+/]{43}$/)
    expect(store.sessions[idOf(ask.cookie)]).toContain('platypus')
  })

  it.each([
    ['with a secret', 'keyboard cat'],
    ['without one', undefined],
  ])('004-03: works after cookieParser() %s, and without it', async (_, secret) => {
    const app = connect()
      .use(cookieParser(secret))
      .use(session({ secret: 'keyboard cat', resave: false, saveUninitialized: false }))
      .use(count)
    const { ask } = await startServer(app)

    const first = await ask()
    const [cookie] = first.headers.getSetCookie()[0]?.split(';') ?? []
    const second = await ask('/', { headers: `Cookie: ${cookie}\r\n` })

    expect([first.body, second.body]).toEqual(['1', '2'])
  })

  it('004-04: takes secret, key and a secure cookie together', async () => {
    const { browser } = await startDropIn(count, {
      secret: 'keyboard cat',
      key: 'sid',
      cookie: { secure: true },
      before(req) {
        req.secure = true
      },
    })

    expect((await browser()()).lines).toEqual([
      expect.stringMatching(/^sid=s%3A.*; Path=\/; HttpOnly; Secure$/),
    ])
  })

  it('004-05: key names the cookie, connect.sid unless given', async () => {
    const usual = await startDropIn(count)
    const named = await startDropIn(count, { key: 'own' })

    expect((await usual.browser()()).lines[0]).toMatch(/^connect\.sid=/)
    expect((await named.browser()()).lines[0]).toMatch(/^own=/)
  })

  it('004-06: store is where sessions are kept; memory unless given', async () => {
    const store = new MemoryStore()
    const { browser } = await startDropIn(count, { store })
    const usual = await startDropIn(count)
    const ask = usual.browser()

    await browser()()
    await ask()

    expect(await store.length()).toBe(1)
    expect((await ask()).body).toBe('2')
  })

  it('004-07: secret signs the cookie, so that a changed one is nobody’s', async () => {
    const { browser } = await startDropIn(count)
    const ask = browser()
    await ask()

    const forged = ask.cookie.replace(/s%3A./, (start) => (start.endsWith('A') ? 's%3AB' : 's%3AA'))
    ask.cookie = forged

    expect((await ask()).body).toBe('1')
    expect(ask.cookie).not.toBe(forged)
  })

  it('004-08: the cookie has path /, httpOnly and no end unless told otherwise', async () => {
    const { browser } = await startDropIn((req, res) => {
      req.session['seen'] = true
      const { path, httpOnly, maxAge } = req.session.cookie
      res.end(JSON.stringify({ path, httpOnly, maxAge }))
    })

    const { body, lines } = await browser()()

    expect(body).toBe('{"path":"/","httpOnly":true,"maxAge":null}')
    expect(lines[0]).toMatch(/; Path=\/; HttpOnly$/)
  })

  it('004-09: proxy trusts x-forwarded-proto', async () => {
    const cookie = { secure: true } as const
    const trusting = await startDropIn(count, { proxy: true, cookie })
    const doubting = await startDropIn(count, { proxy: false, cookie })
    const over = { 'x-forwarded-proto': 'https' }

    expect((await trusting.browser()('/', over)).lines).toHaveLength(1)
    expect((await trusting.browser()('/')).lines).toHaveLength(0)
    expect((await doubting.browser()('/', over)).lines).toHaveLength(0)
  })

  it.each([
    '004-10: without maxAge there is no expires',
    '004-11: so the browser’s end is its end',
  ])('%s', async () => {
    const { browser } = await startDropIn(count, { cookie: { maxAge: null } })

    expect((await browser()()).lines[0]).not.toMatch(/expires|max-age/i)
  })

  it('004-12: a secure cookie is sent over https or a trusted proxy only, and nothing is stored else', async () => {
    const store = new MemoryStore()
    const cookie = { secure: true } as const
    const { browser } = await startDropIn(count, { store, proxy: true, cookie })

    const plain = await browser()()
    const kept = await store.length()
    const secure = await browser()('/', { 'x-forwarded-proto': 'https' })

    expect([plain.status, plain.lines, kept]).toEqual([200, [], 0])
    expect(secure.lines).toEqual([expect.stringMatching(/; Secure$/)])
    expect(await store.length()).toBe(1)
  })

  it('004-13: req.session keeps what is put there', async () => {
    const { browser } = await startDropIn(count)
    const ask = browser()

    const bodies = [await ask(), await ask(), await ask()].map(({ body }) => body)

    expect(bodies).toEqual(['1', '2', '3'])
  })

  it('004-14: nested objects come back as they were', async () => {
    const nested = { user: { name: 'ada', tags: ['a', { b: [1, null] }] } }
    const { browser } = await startDropIn((req, res) => {
      if (req.url === '/set') Object.assign(req.session, nested)
      res.end(JSON.stringify({ user: req.session['user'] }))
    })
    const ask = browser()
    await ask('/set')

    expect(JSON.parse((await ask()).body)).toEqual(nested)
  })
})

/** The example of the page, to the letter. */
const counter: Act = (req, res) => {
  const sess = req.session as typeof req.session & { views: number }
  if (sess.views) {
    res.setHeader('Content-Type', 'text/html')
    res.write(`<p>views: ${sess.views}</p>`)
    res.write(`<p>expires in: ${(sess.cookie.maxAge ?? 0) / 1000}s</p>`)
    res.end()
    sess.views++
  } else {
    sess.views = 1
    res.end('welcome to the session demo. refresh!')
  }
}

describe('seed 004: the view counter', () => {
  it('004-15: welcomes, then tells views and what is left of the session', async () => {
    const { browser } = await startDropIn(counter, { cookie: { maxAge: 60_000 } })
    const ask = browser()

    const first = await ask()
    const second = await ask()

    expect(first.body).toBe('welcome to the session demo. refresh!')
    expect(second.headers.get('content-type')).toBe('text/html')
    expect(second.body).toMatch(/^<p>views: 1<\/p><p>expires in: (60|59\.\d+)s<\/p>$/)
  })

  it.each([
    ['our defaults of choice', {}],
    ['express-session’s defaults', { resave: true, saveUninitialized: true }],
  ])('004-16: counts although it counts after res.end(), with %s', async (_, options) => {
    const { browser } = await startDropIn(counter, { cookie: { maxAge: 60_000 }, ...options })
    const ask = browser()
    await ask()

    const bodies = [await ask(), await ask(), await ask()].map(({ body }) => body)

    expect(bodies.map((body) => body.slice(0, 15))).toEqual([
      '<p>views: 1</p>',
      '<p>views: 2</p>',
      '<p>views: 3</p>',
    ])
  })
})
