import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Overrides } from '../../src/config/schema.ts'
import { testApp } from '../../src/testing/app.ts'
import { connect } from './client.ts'
import { shake, transports } from './raw.ts'
import { connectSails, oldClient, requestSails } from './sails-client.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')
const parseError = { code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ', status: 400 }

async function lift(overrides: Overrides = {}, environment: NodeJS.ProcessEnv = {}) {
  const app = await testApp(root, overrides, { environment })
  onTestFinished(() => app.close())
  return app
}

describe('the version of an SDK', () => {
  const versions = [
    ['', true],
    ['1.2.1', true],
    ['0.11.0', true],
    ['0.11.0-rc.1', true],
    ['1.0.0-beta', true],
    ['0.10.9', false],
    ['0.9', false],
    ['nonsense', false],
  ] as const

  it.each(versions)("of a Socket.IO 4 client may be '%s': %s", async (version, isGood) => {
    const { url } = await lift()
    const query: Record<string, string> = version ? { __sails_io_sdk_version: version } : {}
    const socket = await connect(url, { query })

    const ack = await socket.emitWithAck('get', { url: '/user/1' })

    if (isGood) expect(ack).toMatchObject({ statusCode: 200, body: { name: 'ada' } })
    else expect(ack).toMatchObject(parseError)
    expect(ack).not.toHaveProperty('stack')
  })

  it('is read from the headers of the handshake first', async () => {
    const { url } = await lift()
    const extraHeaders = { __sails_io_sdk_version: '0.9.0' }
    const query = { __sails_io_sdk_version: '1.2.1' }
    const socket = await connect(url, { extraHeaders, query })

    expect(await socket.emitWithAck('get', { url: '/user/1' })).toMatchObject(parseError)
  })

  it('must be told by a Socket.IO 2 client, which hears of it by an event where it waits for none', async () => {
    const { url } = await lift()
    const socket = await connectBare(url)
    const told = new Promise((resolve) => socket.on('sails:parseError', resolve))

    const ack = new Promise((resolve) => socket.emit('get', { url: '/user/1' }, resolve))
    expect(await ack).toMatchObject(parseError)
    socket.emit('get', { url: '/user/1' })

    expect(await told).toMatchObject(parseError)
  })
})

describe('nosession', () => {
  const peek = { url: '/peek' }

  it('in a message leaves that message without a session', async () => {
    const { url } = await lift()
    const socket = await connect(url)
    await socket.emitWithAck('get', { url: '/counter' })

    const without = await socket.emitWithAck('get', { ...peek, headers: { nosession: true } })
    const next = await socket.emitWithAck('get', peek)

    expect(without.body).toMatchObject({ session: false })
    expect(next.body).toMatchObject({ session: true, count: 1 })
  })

  it('as a header of the handshake leaves all messages without one', async () => {
    const { url } = await lift()
    const socket = await connect(url, { extraHeaders: { nosession: 'true' } })

    for (const path of ['/peek', '/peek']) {
      expect((await socket.emitWithAck('get', { url: path })).body).toMatchObject({
        session: false,
      })
    }
  })

  it.each(transports)(
    'at the handshake stores nothing and sets no cookie, over %s',
    async (transport) => {
      const { url } = await lift()

      const header = await shake(url, transport, { headers: { nosession: '1' } })
      const usual = await shake(url, transport)

      expect(header.setCookies).toEqual([])
      expect(usual.setCookies).toHaveLength(1)
    },
  )

  it('in the query spares the handshake alone', async () => {
    const { url } = await lift()
    const socket = await connect(url, { query: { nosession: '1' } })

    await socket.emitWithAck('get', { url: '/counter' })
    const { body } = await socket.emitWithAck('get', peek)

    expect(body).toMatchObject({ session: true, count: 1 })
  })

  it('means nothing outside of the profile', async () => {
    const { url } = await lift({ globals: { sails: false }, routes: { 'GET /seen': seen } })
    const socket = await connect(url, { extraHeaders: { nosession: '1' } })

    const { body } = await socket.emitWithAck('get', { url: '/seen', headers: { nosession: '1' } })

    expect(body).toEqual({ session: true })
  })

  function seen(req: { session?: unknown }) {
    return { session: req.session !== undefined }
  }
})

describe('the rate of events', () => {
  it('is one that only a flood meets', async () => {
    const { url, app } = await lift()
    const socket = await connect(url)

    const all = Array.from({ length: 400 }, () => socket.emitWithAck('get', { url: '/user/1' }))
    const statuses = (await Promise.all(all)).map(({ statusCode }) => statusCode)

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(app.config.sockets.rate).toEqual({ perSecond: 500, burst: 2000 })
  })
})

describe('a handshake without cookie', () => {
  it('stores a session at once, and keeps its cookie valid over HTTP', async () => {
    const { url } = await lift()
    const { setCookies } = await shake(url, 'websocket')
    const cookie = setCookies[0]?.split(';')[0] ?? ''

    const answer = await fetch(new URL('/peek', url), { headers: { cookie } })

    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('beside other cookies counts on one session, not on one for each message', async () => {
    const { url } = await lift()
    const socket = await connect(url, { extraHeaders: { Cookie: '_ga=1; sails.sid=s%3Aold.sig' } })

    const counts = []
    for (let n = 0; n < 3; n += 1) {
      counts.push((await socket.emitWithAck('get', { url: '/counter' })).body.count)
    }

    expect(counts).toEqual([1, 2, 3])
  })
})

describe('the body of a message that is no object', () => {
  const bodies = [
    ['post', 'text', { '0': 't', '1': 'e', '2': 'x', '3': 't' }],
    ['post', 7, {}],
    ['post', false, {}],
    ['post', [1], [1]],
    ['patch', [1], [1]],
    ['get', [1], { '0': 1 }],
    ['delete', [1], { '0': 1 }],
  ] as const

  it.each(bodies)('is what Sails makes of it: %s %j', async (verb, data, body) => {
    const { url } = await lift()
    const socket = await connect(url)

    const ack = await socket.emitWithAck(verb, { url: '/echo', data })

    expect(ack.body.body).toEqual(body)
  })
})

describe('GET /__getcookie', () => {
  const script = '_sailsIoJSConnect();'

  it('gives a script, and a cookie to who has none', async () => {
    const { url, browser } = await lift()
    const visitor = browser()

    const first = await visitor.get('/__getcookie')
    const second = await visitor.get('/__getcookie')
    const head = await fetch(new URL('/__getcookie', url), { method: 'HEAD' })
    const options = await fetch(new URL('/__getcookie', url), { method: 'OPTIONS' })

    expect(first).toMatchObject({ status: 200, body: script })
    expect(first.headers.get('content-type')).toBe('application/javascript; charset=utf-8')
    expect(first.headers.getSetCookie()).toHaveLength(1)
    expect([...first.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    )
    expect(second.headers.getSetCookie()).toEqual([])
    expect([head.status, options.status]).toEqual([200, 200])
    expect(options.headers.get('allow')).toContain('GET')
    expect((await visitor.post('/__getcookie')).status).toBe(404)
  })

  it('is off by grant3rdPartyCookie: false, on both doors', async () => {
    const { browser } = await lift({ sockets: { grant3rdPartyCookie: false } })
    const visitor = browser()

    expect((await visitor.get('/__getcookie')).status).toBe(404)
    expect((await visitor.emit('GET /__getcookie')).statusCode).toBe(404)
  })

  it('stands behind the routes of the app', async () => {
    const { browser } = await lift({
      routes: { '/*': (_req: unknown, res: { ok(): void }) => res.ok() },
    })

    expect((await browser().get('/__getcookie')).body).toBe('OK')
  })
})

describe('what acknowledgements carry', () => {
  it.each(['Set-Cookie', 'set-cookie'])('is never a cookie, set as %s', async (name) => {
    const setCookie = (
      _req: unknown,
      res: { set(name: string, value: string): { json(v: object): void } },
    ) => res.set(name, 'secret=1').json({})
    const { url } = await lift({ routes: { 'GET /cookie': setCookie } })
    const socket = await connect(url)

    expect(await socket.emitWithAck('get', { url: '/cookie' })).toEqual({
      statusCode: 200,
      headers: {},
      body: {},
    })
  })

  it.each([
    [{ sendStatusCode: false }, ['body', 'headers']],
    [{ sendResponseHeaders: false }, ['body', 'statusCode']],
    [{}, ['body', 'headers', 'statusCode']],
  ])('with %j is %j', async (sockets, keys) => {
    const { url } = await lift({ sockets })
    const socket = await connect(url)

    const ack = await socket.emitWithAck('get', { url: '/user/1' })

    expect(Object.keys(ack).sort()).toEqual(keys)
  })
})

describe('req and res of a Sails app', () => {
  /** Sails has it, and we have none. */
  const left = ['route']

  it.each(['http', 'socket'])('have the members of Sails, over %s', async (door) => {
    const { browser } = await lift()
    const visitor = browser()

    const { body } =
      door === 'http' ? await visitor.get('/members') : await visitor.emit('GET /members')

    const { req, res } = body as Record<'req' | 'res', Record<string, string>>
    const missing = [...Object.entries(req), ...Object.entries(res)].filter(
      ([, kind]) => kind === 'undefined',
    )
    const httpHasNot = door === 'http' ? ['transport', 'body'] : []
    expect(missing.map(([name]) => name).sort()).toEqual([...left, ...httpHasNot].sort())
  })
})

interface Bare {
  on(event: string, listener: (data: unknown) => void): void
  emit(event: string, ...args: unknown[]): void
}

/** A client of Socket.IO 2 that is no sails.io.js. */
async function connectBare(url: string): Promise<Bare> {
  const io = oldClient() as (url: string, options: object) => Bare & { close(): void }
  const socket = io(url, { forceNew: true, reconnection: false, transports: ['polling'] })
  onTestFinished(() => socket.close())
  await new Promise((resolve) => socket.on('connect', () => resolve(undefined)))
  return socket
}

describe('a client of Sails in the same app', () => {
  it('has the SDK version that its own library sends', async () => {
    const { url } = await lift()
    const socket = await connectSails(url)

    expect(await requestSails(socket, { method: 'get', url: '/user/1' })).toMatchObject({
      statusCode: 200,
    })
  })
})
