import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { answering, answers } from './answering.ts'
import { listenToLog } from './log.ts'
import { connectSails, requestSails } from './sails-client.ts'

const files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
    'POST /rotate': async (req) => { await req.session.rotate(); return {} },
    'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
    'GET /id': (req) => req.sessionID,
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    '/echo': (req) => ({ method: req.method, body: req.body, query: req.query, probe: req.get('X-Probe') ?? null }),
  }`,
}

describe.each(['websocket', 'polling'])('sails.io.js over %s', (transport) => {
  const transports = [transport]

  it('reads every answer', async () => {
    const app = await liftFiles(answering)
    const socket = await connectSails(app.url, { transports })

    for (const [url, { statusCode, body, headers }] of Object.entries(answers)) {
      const jwr = await requestSails(socket, { method: 'get', url })
      expect({ url, statusCode: jwr.statusCode, body: jwr.body }).toEqual({ url, statusCode, body })
      if (headers) expect(jwr.headers).toEqual(headers)
      expect(jwr.error !== undefined && jwr.error !== null).toBe(statusCode >= 400)
    }
  })

  it.each(['get', 'post', 'put', 'patch', 'delete'])('sends %s', async (method) => {
    const app = await liftFiles(files)
    const socket = await connectSails(app.url, { transports })

    const { body } = await requestSails(socket, {
      method,
      url: '/echo?q=1',
      data: { a: 1 },
      headers: { 'X-Probe': 'yes' },
    })

    expect(body).toEqual({
      method: method.toUpperCase(),
      body: { a: 1 },
      query: { q: '1' },
      probe: 'yes',
    })
  })

  it('brings the session of HTTP, and logs in on its own', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login', { user: 'ada' })
    const initialConnectionHeaders = { Cookie: browser.cookie() }
    const socket = await connectSails(app.url, { transports, initialConnectionHeaders })

    const before = await requestSails(socket, { method: 'get', url: '/me' })
    await requestSails(socket, { method: 'post', url: '/login', data: { user: 'grace' } })

    expect(before.body).toEqual({ userId: 'ada' })
    expect((await browser.get('/me')).body).toEqual({ userId: 'grace' })
  })

  it('logs out and in again on one socket', async () => {
    const app = await liftFiles(files)
    const socket = await connectSails(app.url, { transports })
    const post = (url: string) =>
      requestSails(socket, { method: 'post', url, data: { user: 'ada' } })
    const me = async () => (await requestSails(socket, { method: 'get', url: '/me' })).body

    await post('/login')
    await post('/logout')
    const between = await me()
    await post('/login')

    expect(between).toEqual({ userId: null })
    expect(await me()).toEqual({ userId: 'ada' })
  })

  /** A browser that was logged in over HTTP, and its socket, which can change no cookie. */
  async function visitor() {
    const app = await liftFiles(files, { session: { user: 'userId' } })
    const lines = listenToLog(app)
    const browser = app.browser()
    await browser.post('/login', { user: 'ada' })
    const initialConnectionHeaders = { Cookie: browser.cookie() }
    const socket = await connectSails(app.url, { transports, initialConnectionHeaders })
    const send = async (method: string, url: string, data?: object) =>
      (await requestSails(socket, { method, url, data })).body
    return { browser, lines, send, id: await send('get', '/id') }
  }

  it('W6: keeps id and data where they were to be rotated, with one warning', async () => {
    const { browser, lines, send, id } = await visitor()

    await send('post', '/rotate')
    await send('post', '/rotate')
    const kept = await send('get', '/me')
    await send('post', '/login', { user: 'grace' })

    expect(kept).toEqual({ userId: 'ada' })
    expect(await send('get', '/id')).toBe(id)
    expect((await browser.get('/me')).body).toEqual({ userId: 'grace' })
    expect(lines).toEqual([expect.stringContaining('it kept its id. Use catamaran/client')])
  })

  it('W6: keeps its id and loses its data where it is regenerated', async () => {
    const { browser, lines, send, id } = await visitor()

    await send('post', '/regenerate')
    const seen = [await send('get', '/me'), (await browser.get('/me')).body, [...lines]]
    await send('post', '/login', { user: 'grace' })

    expect(seen).toEqual([{ userId: null }, { userId: null }, []])
    expect(await send('get', '/id')).toBe(id)
    expect((await browser.get('/me')).body).toEqual({ userId: 'grace' })
  })

  it('is told of a message that is no request', async () => {
    const app = await liftFiles(files)
    const socket = await connectSails(app.url, { transports })
    const told = new Promise((resolve) => socket.on('sails:parseError', resolve))

    socket._raw.emit('get', 'not a message')

    expect(await told).toMatchObject({ code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ', status: 400 })
  })

  it('is kept out by its origin', async () => {
    const app = await liftFiles(files)
    const initialConnectionHeaders = { Origin: 'http://evil.example' }

    const connecting = connectSails(app.url, { transports, initialConnectionHeaders })

    await expect(connecting).rejects.toBeDefined()
  })
})

describe('sails.io.js', () => {
  it('is refused where allowEIO3 is off', async () => {
    const app = await liftFiles(files, { sockets: { allowEIO3: false } })

    await expect(connectSails(app.url, { transports: ['polling'] })).rejects.toBeDefined()
  })
})
