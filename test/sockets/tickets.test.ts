/** W6: a socket's events change the browser's cookie, where its client fetches cookies. */
import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Browser } from '../../src/testing/browser.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { shake } from './raw.ts'

const files: Files = {
  'config/routes.mjs': `
    export default {
      'GET /me': ({ session, sessionID }) => ({ userId: session.userId ?? null, note: session.note ?? null }),
      'GET /id': (req) => req.sessionID,
      'POST /login': (req) => { req.session.userId = req.body.user; return {} },
      'POST /note': (req) => { req.session.note = req.body.note; return {} },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
      'POST /renew': async (req) => { await req.session.regenerate(); req.session.userId = req.body.user; return {} },
      'POST /rotate': async (req) => { await req.session.rotate(); return {} },
      'POST /theme': (req, res) => { res.cookie('theme', 'dark'); return {} },
      'POST /long': (req, res) => { res.cookie('long', 'x'.repeat(5000)); return {} },
    }`,
}

const lift = (overrides: object = {}) =>
  liftFiles(files, { session: { user: 'userId' }, ...overrides })

/** A visitor with something in the session, and a socket of a client that fetches cookies. */
async function visitor(app: TestApp) {
  const browser = app.browser()
  await browser.post('/note', { note: 'wind' })
  return { app, browser, socket: await tab(app, browser) }
}

function tab(
  { url }: TestApp,
  browser: Browser,
  query: object = { catamaran: 1 },
): Promise<Socket> {
  return connect(url, { extraHeaders: { Cookie: browser.cookie() }, query: { ...query } })
}

const send = (socket: Socket, line: string, data?: object) => {
  const [verb = '', url] = line.split(' ')
  return socket.timeout(3000).emitWithAck(verb.toLowerCase(), { url, data })
}

/** Sends an event that changes the cookie, and gives the ticket that comes before its answer. */
async function ticketOf(socket: Socket, line: string, data?: object): Promise<string> {
  let ticket = ''
  socket.once('session:ticket', (given) => {
    ticket = given.ticket
  })
  await send(socket, line, data)
  return ticket
}

function redeem({ url }: TestApp, headers: Record<string, string>): Promise<Response> {
  return fetch(new URL('/__catamaran/session', url), { method: 'POST', headers })
}

/** Redeems as the browser does; gives the cookie pair it has then. */
async function renewed(app: TestApp, cookie: string, ticket: string): Promise<string> {
  const answer = await redeem(app, { cookie, 'catamaran-ticket': ticket })
  expect(answer.status).toBe(204)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

const me = async (app: TestApp, cookie: string) => (await app.browser().get('/me', { cookie })).body

describe('a login over the socket of a client that fetches cookies', () => {
  it('W6: gives the browser a new cookie; the old one is dead, the socket goes on', async () => {
    const { app, browser, socket } = await visitor(await lift())
    const old = browser.cookie()

    const ticket = await ticketOf(socket, 'POST /login', { user: 'ada' })
    const cookie = await renewed(app, old, ticket)

    expect(cookie).not.toBe(old)
    expect(await me(app, cookie)).toEqual({ userId: 'ada', note: 'wind' })
    expect(await me(app, old)).toEqual({ userId: null, note: null })
    expect((await send(socket, 'GET /me')).body).toEqual({ userId: 'ada', note: 'wind' })
    expect(cookie).toContain((await send(socket, 'GET /id')).body)
  })

  it('W6: serves events of that socket that were sent at the same moment', async () => {
    const { socket } = await visitor(await lift())

    const acks = await Promise.all([
      send(socket, 'POST /login', { user: 'ada' }),
      ...Array.from({ length: 10 }, () => send(socket, 'GET /me')),
    ])

    expect(acks.map(({ statusCode }) => statusCode)).toEqual(Array(11).fill(200))
    expect((await send(socket, 'GET /me')).body).toMatchObject({ userId: 'ada' })
  })

  it('W6: asks its siblings to come back, once the browser has the cookie', async () => {
    const { app, browser, socket } = await visitor(await lift())
    const sibling = await tab(app, browser, {})
    const endings: unknown[] = []
    sibling.on('session:ended', (ending) => endings.push(ending))
    const told = heard(sibling, 'session:ended')

    const ticket = await ticketOf(socket, 'POST /login', { user: 'ada' })
    const before = [...endings]
    await renewed(app, browser.cookie(), ticket)

    expect(before).toEqual([])
    expect(await told).toEqual({ reason: 'rotated', reconnect: true })
    await sleep(700)
    expect([sibling.connected, socket.connected]).toEqual([false, true])
  })

  it('W6: of a newcomer needs none: the handshake brought the cookie', async () => {
    const app = await lift()
    const socket = await connect(app.url, { query: { catamaran: 1 } })

    expect(await ticketOf(socket, 'POST /login', { user: 'ada' })).toBe('')
  })

  it('W6: after a logout on the same socket reaches the browser, too', async () => {
    const { app, browser, socket } = await visitor(await lift())
    await send(socket, 'POST /login', { user: 'ada' })
    await send(socket, 'POST /logout')

    const second = await visitor(app)
    await send(second.socket, 'POST /logout')
    const ticket = await ticketOf(second.socket, 'POST /login', { user: 'bob' })
    const cookie = await renewed(app, second.browser.cookie(), ticket)

    expect(await me(app, cookie)).toEqual({ userId: 'bob', note: null })
    expect((await send(socket, 'GET /me')).body).toEqual({ userId: null, note: null })
    expect(await me(app, browser.cookie())).toEqual({ userId: null, note: null })
  })

  it('W6: says so in its auth as well as in its query', async () => {
    const { app, browser } = await visitor(await lift())
    const socket = await connect(app.url, {
      extraHeaders: { Cookie: browser.cookie() },
      auth: { catamaran: 1 },
    })

    expect(await ticketOf(socket, 'POST /login', { user: 'ada' })).toMatch(/^[\w-]{40,}$/)
  })
})

describe('regenerate, rotate and res.cookie over such a socket', () => {
  it.each(['POST /regenerate', 'POST /rotate'])('W6: %s changes the id', async (line) => {
    const { app, browser, socket } = await visitor(await lift())
    await send(socket, 'POST /login', { user: 'ada' })
    const before = (await send(socket, 'GET /id')).body

    await send(socket, line)

    expect((await send(socket, 'GET /id')).body).not.toBe(before)
    expect(await me(app, browser.cookie())).toEqual({ userId: null, note: null })
  })

  it.each([
    ['POST /regenerate', { reason: 'regenerated', reconnect: true }],
    ['POST /logout', { reason: 'destroyed', reconnect: false }],
  ])(
    'W5: %s is told to its siblings at once, whatever becomes of its ticket',
    async (line, ending) => {
      const { app, browser, socket } = await visitor(await lift())
      const sibling = await tab(app, browser, {})
      const told = heard(sibling, 'session:ended')

      await send(socket, line)

      expect(await told).toEqual(ending)
      expect((await send(sibling, 'GET /me')).statusCode).toBe(401)
      expect((await send(socket, 'GET /me')).body).toEqual({ userId: null, note: null })
    },
  )

  it('W6: a sibling that comes back too early gets no other cookie, and is told of the new one', async () => {
    const { app, browser, socket } = await visitor(await lift())
    const ticket = await ticketOf(socket, 'POST /renew', { user: 'ada' })

    const early = await shake(app.url, 'polling', { headers: { Cookie: browser.cookie() } })
    const sibling = await tab(app, browser, {})
    const told = heard(sibling, 'session:ended')
    const cookie = await renewed(app, browser.cookie(), ticket)

    expect(early.setCookies).toEqual([])
    expect(await told).toEqual({ reason: 'rotated', reconnect: true })
    expect(await me(app, cookie)).toEqual({ userId: 'ada', note: null })
    expect(await me(app, browser.cookie())).toEqual({ userId: null, note: null })
  })

  it('W6: a cookie of an event reaches the browser', async () => {
    const { app, browser, socket } = await visitor(await lift())

    const ticket = await ticketOf(socket, 'POST /theme')

    expect(await renewed(app, browser.cookie(), ticket)).toBe('theme=dark')
  })

  it('W6: cookies too long to travel are not sent; the event is answered', async () => {
    const { socket } = await visitor(await lift())

    expect(await ticketOf(socket, 'POST /long')).toBe('')
    expect((await send(socket, 'GET /me')).body).toEqual({ userId: null, note: 'wind' })
  })
})

describe('redeeming a ticket', () => {
  it('W6: is for pages of the same origin, and for the browser with the old cookie', async () => {
    const { app, browser, socket } = await visitor(await lift())
    const ticket = await ticketOf(socket, 'POST /login', { user: 'ada' })
    const proper = { cookie: browser.cookie(), 'catamaran-ticket': ticket }
    const other = app.browser()
    await other.post('/note', { note: 'theirs' })

    const refused = await Promise.all(
      [
        { ...proper, origin: 'https://evil.example' },
        { ...proper, origin: 'null' },
        { ...proper, 'sec-fetch-site': 'cross-site' },
        { ...proper, cookie: other.cookie() },
        { 'catamaran-ticket': ticket },
        { ...proper, 'catamaran-ticket': `${ticket}A` },
      ].map((headers) => redeem(app, headers as never)),
    )

    for (const answer of refused) {
      expect(answer.status).toBe(403)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    const answer = await redeem(app, { ...proper, origin: new URL(app.url).origin })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect((await redeem(app, proper)).status).toBe(403)
  })

  it('W6: can be turned off', async () => {
    const { app, browser, socket } = await visitor(await lift({ sockets: { client: false } }))

    expect(await ticketOf(socket, 'POST /login', { user: 'ada' })).toBe('')
    expect(await me(app, browser.cookie())).toEqual({ userId: 'ada', note: 'wind' })
    expect((await redeem(app, {})).status).toBe(404)
    expect((await fetch(`${app.url}/catamaran.js`)).status).toBe(404)
  })
})

describe('a client that fetches no cookies', () => {
  it('W6: keeps its id: rotation waits, regenerate takes the data', async () => {
    const app = await lift()
    const browser = app.browser()
    await browser.post('/note', { note: 'wind' })
    const socket = await tab(app, browser, {})

    expect(await ticketOf(socket, 'POST /login', { user: 'ada' })).toBe('')
    expect(await me(app, browser.cookie())).toEqual({ userId: 'ada', note: 'wind' })
    await send(socket, 'POST /regenerate')

    expect(await me(app, browser.cookie())).toEqual({ userId: null, note: null })
    await send(socket, 'POST /note', { note: 'again' })
    expect(await me(app, browser.cookie())).toEqual({ userId: null, note: 'again' })
  })
})

describe('W12: a page that only speaks over its socket', () => {
  const cookie = { maxAge: 60_000 }

  it('is told how long its cookie lives, and has it renewed over HTTP', async () => {
    const app = await lift({ session: { user: 'userId', cookie } })
    const browser = app.browser()
    await browser.post('/note', { note: 'wind' })
    const opened = io(app.url, {
      extraHeaders: { Cookie: browser.cookie() },
      query: { catamaran: 1 },
      forceNew: true,
    })
    onTestFinished(() => void opened.close())

    expect(await heard(opened, 'session:cookie')).toEqual({ endsIn: 60 })
    const answer = await redeem(app, { cookie: browser.cookie() })

    expect(await answer.json()).toEqual({ endsIn: 60 })
    expect(answer.headers.getSetCookie()[0]).toContain('Expires=')
    expect((await redeem(app, { cookie: browser.cookie(), origin: 'null' })).status).toBe(403)
  })
})
