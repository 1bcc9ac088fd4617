/** The drop-in for express-session: what it takes and gives, beside the peer's own suite. */
import { createSecretKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, it, vi } from 'vitest'
import * as catamaran from '../../src/session/dropin.ts'
import { type AppRequest, count, createBrowser, startDropIn } from './dropin-ground.ts'
import { startServer } from './wire.ts'

const peer = createRequire(import.meta.url)('express-session')
const { session, MemoryStore } = catamaran

describe('session()', () => {
  it('carries express-session’s constructors, of which its own are', () => {
    expect(session.Store).toBe(peer.Store)
    expect(session.Cookie).toBe(peer.Cookie)
    expect(session.Session).toBe(peer.Session)
    expect(session.MemoryStore).toBe(MemoryStore)
    expect(new MemoryStore()).toBeInstanceOf(peer.Store)
  })

  it('lets stores call Store and MemoryStore without new', async () => {
    function Old(this: object) {
      ;(MemoryStore as unknown as () => void).call(this)
    }
    Object.setPrototypeOf(Old.prototype, MemoryStore.prototype)
    const store = new (Old as unknown as new () => catamaran.MemoryStore)()

    const { browser } = await startDropIn(count, { store })
    await browser()()

    expect(Object.keys(store.sessions)).toHaveLength(1)
  })

  it('makes req.session an instance of express-session’s Session', async () => {
    const { browser } = await startDropIn((req, res) => {
      res.end(`${req.session instanceof peer.Session} ${req.session.id === req.sessionID}`)
    })

    expect((await browser()()).body).toBe('true true')
  })

  it('serves express-session’s cookies and records, and the reverse', async () => {
    const { createServer } = await import('node:http')
    const store = new MemoryStore()
    const theirs = peer({ secret: 'cat', resave: false, saveUninitialized: false, store })
    const { browser, server } = await startDropIn(count, { secret: 'cat', store })
    const other = createServer((req, res) =>
      theirs(req, res, () => count(req as never, res, () => {})),
    )
    const ask = browser()
    await ask()

    server
      .removeAllListeners('request')
      .on('request', (req, res) => other.emit('request', req, res))
    const { body } = await ask()

    expect(body).toBe('2')
  })

  it.each([
    [{ genid: 'x' }, 'genid option must be a function'],
    [{ unset: 'x' }, 'unset option must be "destroy" or "keep"'],
    [{ secret: [] }, 'secret option array must contain one or more strings'],
  ])('refuses %j in express-session’s words', (options, words) => {
    expect(() => session(options as never)).toThrow(new TypeError(words))
  })

  it.each([{ cookie: null }, { cookie: false }, { store: null }, { store: false }, { unset: '' }])(
    'takes %j as express-session does: for nothing said',
    async (options) => {
      const { browser } = await startDropIn(count, options as never)
      const ask = browser()

      const { lines } = await ask()

      expect(lines).toEqual([expect.stringMatching(/^connect\.sid=[^;]+; Path=\/; HttpOnly$/)])
      expect((await ask()).body).toBe('2')
    },
  )

  it.each([
    [undefined, []],
    [null, []],
    [false, ['sent']],
    [new Date(Date.now() + 60_000), ['sent']],
  ])('sends a cookie with expires %s along with a change as there: %j', async (expires, sent) => {
    const { browser } = await startDropIn(count, { cookie: { expires } as never })
    const ask = browser()
    await ask()

    const { lines } = await ask()

    expect(lines.map(() => 'sent')).toEqual(sent)
  })

  it.each([
    ['text', 'cat'],
    ['a buffer', Buffer.from('cat')],
    ['a key', createSecretKey(Buffer.from('cat'))],
    ['a list', ['cat', 'dog']],
  ])('P11: takes %s as its secret', async (_, secret) => {
    const { browser } = await startDropIn(count, { secret })
    const ask = browser()

    await ask()
    expect((await ask()).body).toBe('2')
  })

  class Options {
    readonly #secret = 'cat'
    readonly resave = false
    readonly saveUninitialized = false
    readonly cookie = Object.freeze(Object.create({ maxAge: 60_000, sameSite: 'auto' }) as object)

    get secret() {
      return this.#secret
    }
  }

  it.each<[string, catamaran.SessionOptions]>([
    ['getters of a class', new Options()],
    [
      'inherited',
      Object.create({
        ...{ secret: 'cat', resave: false, saveUninitialized: false },
        cookie: { maxAge: 60_000, sameSite: 'auto' },
      }),
    ],
  ])('takes options as express-session reads them: %s', async (_, options) => {
    const middleware = session(options)
    const { url } = await startServer((req, res) =>
      middleware(req, res, (error) =>
        error ? res.end(`${error}`) : count(req as AppRequest, res, () => {}),
      ),
    )

    const { body, lines } = await createBrowser(url)()

    expect(body).toBe('1')
    expect(lines).toEqual([expect.stringMatching(/; Expires=.*; SameSite=Lax/)])
  })

  it('P11: signs with the secret of each request where it has none of its own', async () => {
    const { browser, errors } = await startDropIn(count, {
      secret: undefined as never,
      before(req) {
        const { 'x-secret': secret } = req.headers
        if (secret) req.secret = String(secret)
      },
    })
    const ask = browser()

    await ask('/', { 'x-secret': 'one' })
    const again = await ask('/', { 'x-secret': 'one' })
    const other = await ask('/', { 'x-secret': 'two' })
    const none = await ask('/')

    expect([again.body, other.body, none.status]).toEqual(['2', '1', 500])
    expect(errors).toEqual([new Error('secret option required for sessions')])
  })

  it('calls next at once for a visitor without a cookie', () => {
    const middleware = session({ secret: 'cat', resave: false, saveUninitialized: false })
    const next = vi.fn()

    middleware({ headers: {}, url: '/' } as never, {} as never, next)

    expect(next).toHaveBeenCalledExactlyOnceWith()
  })

  it('leaves a request alone that has a session already, or lies outside the cookie’s path', async () => {
    const { browser } = await startDropIn(
      (req, res) => res.end(JSON.stringify(req.session) ?? 'none'),
      {
        cookie: { path: '/app' },
        before(req) {
          if (req.url === '/app/mine') Object.assign(req, { session: { own: true } })
        },
      },
    )

    expect((await browser()('/app/mine')).body).toBe('{"own":true}')
    expect((await browser()('/other')).body).toBe('none')
    expect((await browser()('/apple')).body).toContain('cookie')
  })

  it('serves who offers another protocol, too, as clients of HTTP/2 do', async () => {
    const { open } = await startDropIn((req, res) => {
      req.session['userId'] = 'ada'
      res.end('in')
    })
    const wire = open()
    const offer = 'Connection: Upgrade, close\r\nUpgrade: h2c\r\n'

    wire.send(`GET / HTTP/1.1\r\nHost: x\r\n${offer}\r\n`)

    expect(await wire.all()).toMatch(/^HTTP\/1\.1 200 .*connect\.sid=.*\r\n\r\nin$/s)
  })

  it('lets requests pass without a session while its store is disconnected', async () => {
    const store = new MemoryStore()
    const { browser } = await startDropIn((req, res) => res.end(typeof req.session), { store })

    store.emit('disconnect')
    expect((await browser()()).body).toBe('undefined')
    store.emit('connect')
    expect((await browser()()).body).toBe('object')
  })

  it('gives promises where no callback is given', async () => {
    const { browser } = await startDropIn(async (req, res) => {
      const { id } = req.session
      await req.session.save()
      await req.session.reload()
      await req.session.regenerate()
      const isNew = req.session.id !== id
      await req.session.destroy()
      res.end(`${isNew} ${req.session}`)
    })

    expect((await browser()()).body).toBe('true undefined')
  })

  it('puts the store on the request, whose regenerate works like the session’s', async () => {
    const store = new MemoryStore()
    const { browser } = await startDropIn(
      (req, res) => {
        if (req.url === '/') return count(req, res, () => {})
        const regenerate = Reflect.get(req.sessionStore, 'regenerate')
        return regenerate.call(store, req, () => {
          Object.assign(req.session, { fresh: true })
          res.end(JSON.stringify([req.sessionStore === store, req.session.views ?? null]))
        })
      },
      { store },
    )
    const ask = browser()
    await ask()
    const before = ask.cookie

    expect((await ask('/again')).body).toBe('[true,null]')
    expect(ask.cookie).not.toBe(before)
    expect(Object.values(store.sessions)).toEqual([expect.stringContaining('"fresh":true')])
  })
})
