import { setTimeout as sleep } from 'node:timers/promises'
import type { Socket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Browser } from '../../src/testing/browser.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { rawPolls, rawSocket } from './raw-packets.ts'

const files: Files = {
  'config/globals.mjs': `export default { sails: true }`,
  'config/routes.mjs': `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    export default {
      'POST /login': (req) => { req.session.userId = 'ada'; return {} },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
      'POST /slow-logout': async (req) => { await req.session.destroy(); await wait(200); return {} },
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
      'POST /join': (req) => { sails.sockets.join(req, 'room'); return {} },
      'POST /tell': () => { sails.sockets.broadcast('room', 'news', 'hot'); return {} },
    }`,
}
/** The Sails profile would store a newcomer's session. */
const session = { saveUninitialized: false }

async function loggedIn(overrides: object = {}) {
  const app = await liftFiles(files, { session: { ...session, ...overrides } })
  const browser = app.browser()
  await browser.post('/login')
  return { app, browser }
}

function tab(app: TestApp, browser: Browser): Promise<Socket> {
  return connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
}

const send = (socket: Socket, verb: string, url: string) =>
  socket.timeout(3000).emitWithAck(verb, { url })

describe('P16: the end of a session', () => {
  it.each(['over HTTP', 'on a sibling socket'])('%s ends its sockets', async (way) => {
    const { app, browser } = await loggedIn()
    const [one, two] = await Promise.all([tab(app, browser), tab(app, browser)])
    const bystander = await connect(app.url)
    const told = [one, two].map((socket) => heard(socket, 'session:ended'))
    const gone = [one, two].map((socket) => heard(socket, 'disconnect'))

    if (way === 'over HTTP') await browser.post('/logout')
    else await send(await tab(app, browser), 'post', '/logout')
    const ended = await Promise.all(told)
    const since = performance.now()
    const refused = await send(one, 'get', '/me')
    const reasons = await Promise.all(gone)

    expect(ended).toEqual([
      { reason: 'destroyed', reconnect: false },
      { reason: 'destroyed', reconnect: false },
    ])
    expect(refused).toMatchObject({ statusCode: 401, body: { code: 'E_SESSION_ENDED' } })
    expect(reasons).toEqual(['io server disconnect', 'io server disconnect'])
    expect(performance.now() - since).toBeGreaterThan(400)
    expect(performance.now() - since).toBeLessThan(5000)
    expect((await send(bystander, 'get', '/me')).statusCode).toBe(200)
  })

  it.each([
    ['websocket', rawSocket],
    ['polling', rawPolls],
  ])('W5: ends their transport, too, whatever their client does: %s', async (_, open) => {
    const { app, browser } = await loggedIn()
    const line = await open(app, { Cookie: browser.cookie() })

    await browser.post('/logout')
    const told = await line.next()
    const since = performance.now()
    const rest = [await line.next(), await line.next()]

    expect(told).toMatch(/^42\["session:ended",/)
    expect(rest).toEqual(['41', 'closed'])
    expect(performance.now() - since).toBeLessThan(5000)
  })

  it('spares the socket whose own event ended it', async () => {
    const { app, browser } = await loggedIn()
    const own = await tab(app, browser)
    const events: string[] = []
    own.onAny((event) => events.push(event))
    own.on('disconnect', () => events.push('disconnect'))

    await send(own, 'post', '/logout')
    await sleep(700)

    expect(events).toEqual([])
    expect(own.connected).toBe(true)
  })

  it('takes them out of their rooms at once, its own socket too', async () => {
    const { app, browser } = await loggedIn()
    const [own, sibling, stranger] = await Promise.all([
      tab(app, browser),
      tab(app, browser),
      connect(app.url),
    ])
    const news: string[] = []
    for (const [name, socket] of Object.entries({ own, sibling, stranger })) {
      socket.on('news', () => news.push(name))
      await send(socket, 'post', '/join')
    }

    await send(own, 'post', '/logout')
    await send(stranger, 'post', '/tell')
    await send(own, 'get', '/me')

    expect(news).toEqual(['stranger'])
  })

  it('refuses an event sent while the logout is still under way', async () => {
    const { app, browser } = await loggedIn()
    const sibling = await tab(app, browser)
    const told = heard(sibling, 'session:ended')

    const logout = browser.post('/slow-logout')
    await told
    const { statusCode } = await send(sibling, 'get', '/me')

    expect(statusCode).toBe(401)
    expect((await logout).status).toBe(200)
  })

  it('by regenerate over HTTP asks its sockets to come back', async () => {
    const { app, browser } = await loggedIn()
    const socket = await tab(app, browser)
    const told = heard(socket, 'session:ended')

    await browser.post('/regenerate')

    expect(await told).toEqual({ reason: 'regenerated', reconnect: true })
  })

  it('never runs an event as a stranger’s', async () => {
    const { app, browser } = await loggedIn()
    const socket = await tab(app, browser)

    const [, ...acks] = await Promise.all([
      browser.post('/logout'),
      ...Array.from({ length: 20 }, async (_, index) => {
        await sleep(index)
        return send(socket, 'get', '/me')
      }),
    ])

    for (const { statusCode, body } of acks) {
      if (statusCode === 200) expect(body).toEqual({ userId: 'ada' })
      else expect(statusCode).toBe(401)
    }
    expect(acks.at(-1).statusCode).toBe(401)
  })
})

describe('P2: an HTTP login that replaces a newcomer’s id', () => {
  it('tells its open socket to come back, after the answer', async () => {
    const app = await liftFiles(files, { session })
    const browser = app.browser()
    const socket = await browser.socket()
    const order: string[] = []
    const told = heard(socket, 'session:ended').then((ending) => {
      order.push('told')
      return ending
    })
    const newcomer = browser.cookie()

    await browser.post('/login').then(() => order.push('answered'))
    const ending = await told

    expect(ending).toEqual({ reason: 'replaced', reconnect: true })
    expect(order).toContain('answered')
    expect(browser.cookie()).not.toBe(newcomer)
    expect((await browser.emit('GET /me')).body).toEqual({ userId: 'ada' })
  })

  it('leaves a socket alone whose id is kept', async () => {
    const { app, browser } = await loggedIn()
    const socket = await tab(app, browser)
    let ended = false
    socket.on('session:ended', () => {
      ended = true
    })

    await browser.post('/login')
    await send(socket, 'get', '/me')

    expect(ended).toBe(false)
  })
})
