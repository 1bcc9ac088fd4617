/** The manners of SocketStream that its document does not tell of: steps, middleware, proxies, rows it left. */
import { createHmac } from 'node:crypto'
import connect from 'connect'
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import type { SocketStream } from '../../src/compat/socketstream.ts'
import { createOtherStore } from '../session/stores/connect-store.ts'
import { startStream } from './socketstream-ground.ts'

const files = {
  'server/rpc/app.js': `exports.actions = (req, res, ss) => {
    req.use('session')
    return {
      ids: () => [req.sessionId, req.session.id],
      get: () => req.session,
      set: (key, value) => {
        req.session[key] = value
        req.session.save((error) => res(!error))
      },
    }
  }`,
  'server/rpc/last.js': `exports.actions = (req, res) => {
    req.use('session')
    return {
      saved: () => req.session.save(() => res('saved')),
      later: () => setTimeout(() => res('later'), 1),
      session: () => req.session,
    }
  }`,
  'server/rpc/twice.js': `exports.actions = (req, res) => {
    req.use('session')
    req.use('session')
    return {
      renew: () => {
        req.session.regenerate(() => {
          req.session.fresh = true
          req.session.save((error) => res(!error))
        })
      },
    }
  }`,
  'server/rpc/plain.js': `exports.actions = (req, res) => ({
    who: () => [req.clientIp, req.transport, req.socketId],
  })`,
  'server/rpc/telling.js': `exports.actions = (req, res) => {
    req.use('debug')
    req.use('session', { debug: true })
    return { ask: (n) => n }
  }`,
  'server/rpc/deep.js': `exports.actions = (req, res) => {
    req.use('auth.user.named', 'ada')
    return { name: () => req.name }
  }`,
  'server/rpc/modern.mjs': `export const actions = (req, res) => {
    req.use('user.named', 'eve')
    return { name: () => req.name }
  }`,
  'server/rpc/typed.mts': `import type { RpcRequest } from 'catamaran/socketstream'
  export const actions = (req: RpcRequest) => ({ method: (): string => req.method })`,
  'server/middleware/user.mjs': `export const named = (name) => (req, res, next) => {
    req.name = name
    next()
  }`,
  'server/middleware/auth/user.js': `exports.named = (name) => (req, res, next) => {
    req.name = name
    next()
  }`,
}

const show = (ss: SocketStream) =>
  ss.http.route('/session', (req, res) => res.end(JSON.stringify(req.session)))

/** As SocketStream signs its cookie. */
const signed = (id: string, secret = 'SocketStream') => {
  const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
  return `connect.sid=${encodeURIComponent(`s:${id}.${signature}`)}`
}

describe('calls as SocketStream has them', () => {
  it('keep the id of a session that begins anew, since the browser would not learn another', async () => {
    const { visitor } = await startStream({ files, app: show })
    const { page, rpc } = visitor()
    await rpc('app.set', 'n', 1)
    const ids = await rpc('app.ids')

    expect(await rpc('twice.renew')).toBe(true)

    expect(await rpc('app.ids')).toEqual(ids)
    const session = JSON.parse(String(await page('/session')))
    expect(session).toEqual({ cookie: expect.anything(), fresh: true })
  })

  it('are answered by their callback where they return what a call gave back, as CoffeeScript does', async () => {
    const { rpc } = (await startStream({ files })).visitor()

    expect(await rpc('last.saved')).toBe('saved')
    expect(await rpc('last.later')).toBe('later')
    expect(await rpc('last.session')).toEqual({ cookie: expect.anything() })
  })

  it('log what they are asked and their session by `debug`', async () => {
    const { warnings, visitor } = await startStream({ files })

    expect(await visitor().rpc('telling.ask', 5)).toBe(5)
    expect(warnings).toEqual([
      'rpc: telling.ask [5]',
      expect.stringMatching(/^session: \{"cookie"/),
    ])
  })

  it('find request middleware in folders, by its names with dots', async () => {
    expect(await (await startStream({ files })).visitor().rpc('deep.name')).toBe('ada')
  })

  it.each([
    ['modern.name', 'eve'],
    ['typed.method', 'typed.method'],
  ])('are found in ES modules and in TypeScript, too: %s', async (name, result) => {
    expect(await (await startStream({ files })).visitor().rpc(name)).toBe(result)
  })

  it.each([
    [false, '127.0.0.1'],
    [1, '203.0.113.7'],
  ])('say whose address it is: with trustProxy %j %s', async (trustProxy, address) => {
    const { url } = await startStream({ files, trustProxy })
    const extraHeaders = { 'x-forwarded-for': '203.0.113.7' }
    const socket = io(url, { extraHeaders, forceNew: true })

    const [ip, transport, id] = await socket.timeout(5000).emitWithAck('rpc', 'plain.who')

    expect([ip.replace('::ffff:', ''), transport, id]).toEqual([address, 'socketio', socket.id])
    socket.close()
  })
})

describe('HTTP as SocketStream has it', () => {
  const trail = (ss: SocketStream) => {
    const note = (what: string) => (req: object, _res: unknown, next: () => void) => {
      const { trail = '', session } = req as { trail?: string; session?: object }
      Object.assign(req, { trail: `${trail}${what}:${typeof session} ` })
      next()
    }
    ss.http.middleware.append(note('behind'))
    ss.http.middleware.prepend(note('before'))
    ss.http.route('/trail', (req, res) => res.end(`${Reflect.get(req, 'trail')}`))
    ss.http.router.on('/deep/*', (_req, res) => res.end('far'))
    ss.http.router.on('/deep/er/*', (_req, res) => res.end('farther'))
  }

  it('runs middleware before and behind the session, then the routes', async () => {
    const { page } = (await startStream({ app: trail })).visitor()

    expect(await page('/trail?a=b')).toBe('before:undefined behind:object ')
  })

  it('prefers the longest beginning of a path', async () => {
    const { page } = (await startStream({ app: trail })).visitor()

    expect([await page('/deep/a'), await page('/deep/er/a')]).toEqual(['far', 'farther'])
  })

  it('stands in a Connect app, which answers what it has no route for', async () => {
    const { page } = (
      await startStream({
        app: trail,
        listener: (ss) =>
          connect()
            .use(ss.http.middleware)
            .use((req, res) => res.end(`else ${typeof Reflect.get(req, 'session')}`)),
      })
    ).visitor()

    expect([await page('/trail'), await page('/x')]).toEqual([
      'before:undefined behind:object ',
      'else object',
    ])
  })

  it('stores a first visit, untouched as it is, and sends the cookie again only after a change', async () => {
    const store = createOtherStore(Date.now)
    const { visitor } = await startStream({
      app(ss) {
        ss.session.store.use(store)
        ss.session.options.maxAge = 60_000
        show(ss)
        ss.http.route('/set', (req, res) => {
          req.session['n'] = 1
          res.end()
        })
      },
    })
    const { browser } = visitor()
    const lines = async (path: string) => (await browser.get(path)).headers.getSetCookie().length

    expect(await lines('/session')).toBe(1)
    expect(store.calls()).toContain('set')
    expect(await lines('/session')).toBe(0)
    expect(store.calls()).toEqual(['get', 'touch'])
    expect(await lines('/set')).toBe(1)
  })

  it('sends a secure cookie behind a proxy that is trusted, and to no one else over plain http', async () => {
    const secure = (ss: SocketStream) => {
      ss.session.options.secure = true
      show(ss)
    }
    const [near, far] = [
      await startStream({ app: secure }),
      await startStream({ app: secure, trustProxy: 1 }),
    ]
    const lines = async (url: string) =>
      (
        await fetch(`${url}/session`, { headers: { 'x-forwarded-proto': 'https' } })
      ).headers.getSetCookie()

    expect(await lines(near.url)).toEqual([])
    expect(await lines(far.url)).toEqual([expect.stringMatching(/; Secure$/)])
    expect(near.warnings.join()).toContain('or set trustProxy when TLS ends at a proxy')
  })
})

describe('what SocketStream left', () => {
  const left = {
    cookie: { originalMaxAge: null, expires: null, httpOnly: false, path: '/' },
    userId: 'ada',
    channels: ['news'],
    channel: {},
    cart: { items: 3 },
  }

  it('is taken up on both transports, and kept as it is', async () => {
    const store = createOtherStore(Date.now)
    await new Promise((done) => store.set('left-behind', left as never, done))
    const { url, visitor } = await startStream({
      files,
      app(ss) {
        ss.session.store.use(store)
        show(ss)
      },
    })
    const headers = { cookie: signed('left-behind') }
    const page = await visitor().browser.get('/session', headers)
    expect(JSON.parse(String(page.body))).toMatchObject({ userId: 'ada', cart: { items: 3 } })

    const socket = io(url, { extraHeaders: headers, forceNew: true })
    expect(await socket.timeout(5000).emitWithAck('rpc', 'app.set', 'n', 5)).toBe(true)
    socket.close()

    const kept = await new Promise((done) => store.get('left-behind', (_, row) => done(row)))
    expect(kept).toMatchObject({ ...left, n: 5 })
  })

  it('is not adopted where it is only an id that is properly signed', async () => {
    const { url, visitor } = await startStream({ files, app: show })
    const headers = { cookie: signed('never-stored') }
    const page = await visitor().browser.get('/session', headers)
    expect(page.headers.getSetCookie()).toEqual([expect.not.stringContaining('never-stored')])

    const socket = io(url, { extraHeaders: headers, forceNew: true })
    const [id] = await socket.timeout(5000).emitWithAck('rpc', 'app.ids')
    socket.close()

    expect(id).not.toBe('never-stored')
  })
})

describe('ss.stop()', () => {
  it('lets calls under way be stored and answered first', async () => {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { ss, visitor } = await startStream({
      files: {
        'server/rpc/slow.js': `exports.actions = (req, res, ss) => {
          req.use('session')
          return {
            save: () => {
              ss.begun()
              ss.gate.then(() => req.session.save((error) => res(!error)))
            },
          }
        }`,
      },
      app: (ss) => void Object.assign(ss, { begun: begun.resolve, gate: gate.promise }),
    })
    const answered = visitor().rpc('slow.save')
    await begun.promise

    const stopped = ss.stop()
    gate.resolve()

    expect(await answered).toBe(true)
    await stopped
  })

  it.each(['websocket', 'polling'])(
    'closes connections in a way that lets clients come back by themselves (%s)',
    async (transport) => {
      const { ss, url } = await startStream({ files })
      const socket = io(url, { transports: [transport], forceNew: true })
      await new Promise<void>((done) => socket.on('connect', done))
      const closed = new Promise((done) => socket.on('disconnect', done))

      await ss.stop()
      await closed

      expect(socket.active).toBe(true)
      socket.close()
    },
  )
})
