/** What SocketStream's session got wrong and ours does not. */
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import type { SocketStream } from '../../src/compat/socketstream.ts'
import { createOtherStore } from '../session/stores/connect-store.ts'
import { startStream } from './socketstream-ground.ts'

const files = {
  'server/rpc/app.js': `exports.actions = (req, res, ss) => {
    req.use('session')
    return {
      get: () => req.session,
      set: async (key, wait) => {
        req.session[key] = 1
        await new Promise((resolve) => setTimeout(resolve, wait))
        await req.session.save()
        return true
      },
      late: async () => {
        ss.begun()
        await ss.gone
        req.session.late = 1
        await req.session.save()
        return true
      },
      fail: () => { throw new Error('secret detail') },
      failLater: async () => { await null; throw new Error('secret detail') },
    }
  }`,
  'server/rpc/plain.js': `exports.actions = (req, res) => ({
    ip: () => [req.clientIp, req.transport],
    twice: () => { res(1, 2); res(3) },
    nothing: () => null,
    huge: () => { setTimeout(() => res(1n), 5) },
  })`,
  'server/rpc/guarded.js': `exports.actions = (req, res) => {
    req.use('user.loggedIn', 'nobody')
    return { ask: () => true }
  }`,
  'server/rpc/unknown.js': `exports.actions = (req) => { req.use('nonsense'); return { ask: () => true } }`,
  'server/middleware/user.js': `exports.loggedIn = (message) => (req, res, next) => res(message)`,
}

function app(ss: SocketStream): void {
  ss.http.router.on('/set/*', (req, res) => {
    setTimeout(() => {
      req.session[String(req.url)] = 1
      res.end()
    }, 30)
  })
  ss.http.router.on('/out', (req, res) => req.session.destroy(() => res.end()))
  ss.http.router.on('/throw', async () => {
    throw new Error('secret detail')
  })
}

const start = () => startStream({ files, app })

describe('SocketStream of ours', () => {
  it('keeps what a page and sockets change at the same time', async () => {
    const { page, rpc } = (await start()).visitor()
    await page('/')

    await Promise.all([rpc('app.set', 'a', 40), page('/set/b'), rpc('app.set', 'c', 0)])

    expect(await rpc('app.get')).toMatchObject({ a: 1, '/set/b': 1, c: 1 })
  })

  it('shares one session with a socket that comes without a cookie: the handshake brings it', async () => {
    const { browser, page, rpc } = (await start()).visitor()
    await rpc('app.set', 'a', 0)

    expect(browser.cookie()).toMatch(/^connect\.sid=/)
    await page('/set/b')
    expect(await rpc('app.get')).toMatchObject({ a: 1, '/set/b': 1 })
  })

  it.each([
    ['unsigned', 'connect.sid=chosen'],
    ['badly signed', 'connect.sid=s%3Achosen.c2lnbmVk'],
  ])('never adopts an id that is %s, on either transport', async (_, cookie) => {
    const { url, visitor } = await start()
    const page = await visitor().browser.get('/', { cookie })
    expect(page.headers.getSetCookie()[0]).not.toContain('chosen')

    const socket = io(url, { extraHeaders: { cookie }, forceNew: true })
    const session = await socket.timeout(3000).emitWithAck('rpc', 'app.get')
    socket.close()

    expect(session).toHaveProperty('cookie')
    expect(JSON.stringify(session)).not.toContain('chosen')
  })

  it.each([
    ['the first', (pair: string) => `${pair}; theme=dark`],
    ['the second', (pair: string) => `theme=dark; ${pair}`],
    ['one of many', (pair: string) => `a=1; b=2; ${pair}; c=3`],
    ['behind another of its name', (pair: string) => `connect.sid=s%3Aold.c2lnbmVk; ${pair}`],
  ])('finds its cookie on both transports where it is %s', async (_, header) => {
    const { url, visitor } = await start()
    const { browser, page } = visitor()
    await page('/set/a')
    const cookie = header(browser.cookie())

    await browser.get('/set/b', { cookie })
    const socket = io(url, { extraHeaders: { cookie }, forceNew: true })
    const session = await socket.timeout(3000).emitWithAck('rpc', 'app.get')
    socket.close()

    expect(session).toMatchObject({ '/set/a': 1, '/set/b': 1 })
  })

  it('lets a session that ended stay ended: its sockets are told, a late save changes nothing', async () => {
    const { ss, visitor, warnings } = await start()
    const { browser, page, rpc } = visitor()
    const [begun, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    Object.assign(ss, { begun: begun.resolve, gone: gone.promise })
    await page('/')
    const late = rpc('app.late')
    await begun.promise
    await browser.get('/out')
    gone.resolve()
    await late

    expect(warnings).toEqual([expect.stringMatching(/has ended; a late request's changes/)])
    expect(await rpc('app.get')).toMatchObject({ error: { code: 'E_SESSION_ENDED' } })
    expect(await rpc('plain.ip')).toEqual([expect.stringContaining('127.0.0.1'), 'socketio'])
  })

  it('answers an outage with an error, and never with an empty session in place of the stored', async () => {
    const store = createOtherStore(Date.now)
    const { visitor } = await startStream({
      files,
      app(ss) {
        app(ss)
        ss.session.store.use(store)
      },
    })
    const { browser, page, rpc } = visitor()
    await page('/')
    await rpc('app.set', 'a', 0)
    const { get } = store
    store.get = (_, callback) => callback(new Error('down'))

    expect(await rpc('app.get')).toMatchObject({ error: { code: 'E_SERVER' } })
    expect((await browser.get('/set/b')).status).toBe(500)
    store.get = get
    expect(await rpc('app.get')).toMatchObject({ a: 1 })
  })

  it.each(['app.fail', 'app.failLater'])(
    'answers when %s throws, and shows no detail',
    async (name) => {
      const { errors, visitor } = await start()

      const answer = await visitor().rpc(name)

      expect(answer).toEqual({ error: { code: 'E_SERVER', message: 'Internal Server Error' } })
      expect(errors).toEqual([expect.objectContaining({ message: 'secret detail' })])
    },
  )

  it('answers when a result can not be sent, also out of a callback', async () => {
    const { errors, visitor } = await start()

    expect(await visitor().rpc('plain.huge')).toMatchObject({ error: { code: 'E_SERVER' } })
    expect(errors).toHaveLength(1)
  })

  it('answers 500 when a route throws after an await', async () => {
    const { errors, visitor } = await start()

    expect((await visitor().browser.get('/throw')).status).toBe(500)
    expect(errors).toHaveLength(1)
  })

  it.each(['app.nothing', 'nothing.at.all', 'app', 'app.constructor', '../app.get', '', 7, null])(
    'answers that there is no action %j',
    async (name) => {
      const answer = await (await start()).visitor().rpc(name as string)

      expect(answer).toMatchObject({
        error: { code: 'E_RPC_NAME', message: expect.stringMatching(/no action/) },
      })
    },
  )

  it('answers a call without a name', async () => {
    const socket = await (await start()).visitor().browser.socket()

    expect(await socket.timeout(2000).emitWithAck('rpc')).toMatchObject({
      error: { code: 'E_RPC_NAME' },
    })
  })

  it('lets a middleware of a file end the call, and names one that is not there', async () => {
    const { rpc } = (await start()).visitor()

    expect(await rpc('guarded.ask')).toBe('nobody')
    expect(await rpc('unknown.ask')).toMatchObject({
      error: { message: expect.stringMatching(/nonsense/) },
    })
  })

  it('answers once, with all results; null is one', async () => {
    const { browser, rpc } = (await start()).visitor()
    const socket = await browser.socket()

    const results = await new Promise((resolve) => {
      socket.emit('rpc', 'plain.twice', (...given: unknown[]) => resolve(given))
    })

    expect(results).toEqual([1, 2])
    expect(await rpc('plain.nothing')).toBeNull()
  })

  it('bounds the calls that one socket has under way', async () => {
    const { rpc } = (await start()).visitor()
    await rpc('plain.nothing')

    const calls = Array.from({ length: 105 }, () => rpc('app.set', 'a', 300))

    const many = expect.objectContaining({ code: 'E_RPC_MANY' })
    expect((await Promise.all(calls)).slice(-5)).toEqual(Array(5).fill({ error: many }))
  })

  it('lets pages of other sites connect only by name', async () => {
    const { url } = await startStream({ files, sockets: { origins: ['http://friend.example'] } })
    const knock = (origin: string) =>
      new Promise((resolve) => {
        const socket = io(url, { extraHeaders: { origin }, forceNew: true, reconnection: false })
        const settle = (said: string) => () => {
          socket.close()
          resolve(said)
        }
        socket.on('connect', settle('in')).on('connect_error', settle('out'))
      })

    expect(await knock('http://friend.example')).toBe('in')
    expect(await knock('http://evil.example')).toBe('out')
    expect(await knock(url)).toBe('in')
  })

  it('does not start with files that do not load or export no actions', async () => {
    const broken = { 'server/rpc/a.js': 'exports.actions = 1', 'server/rpc/b.js': 'syntax error' }

    await expect(startStream({ files: broken })).rejects.toThrow(/b\.js[\s\S]*a\.js/)
  })

  it('refuses another store when it is in use', async () => {
    const { ss } = await start()

    expect(() => ss.session.store.use('redis')).toThrow(/in use already/)
  })
})
