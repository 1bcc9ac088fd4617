/** Sockets of a browser that has no session yet, or none any more: they come along when one of them gets one. */
import { describe, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { visit } from '../client/ground.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { shake } from './raw.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /login-bob': (req) => { req.session.userId = 'bob'; return {} },
    'POST /update': async (req) => { await req.session.update((s) => { s.userId = 'ada' }); return {} },
    'POST /me': (req) => ({ userId: req.session.userId ?? null }),
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
  }`,
}

const replaced = { reason: 'replaced', reconnect: true }

const ask = (socket: Awaited<ReturnType<typeof connect>>, url: string) =>
  socket.timeout(5000).emitWithAck('post', { url })

/** Two tabs of a newcomer; the browser's cookie is the one the second has brought. */
async function twoTabs({ url, browser }: TestApp) {
  const own = browser()
  const first = await own.socket()
  const extraHeaders = { Cookie: own.cookie() }
  const second = await connect(url, { extraHeaders, withCredentials: true })
  return { first, second, cookie: cookieOf(second) }
}

/** The cookie that a handshake has brought. */
function cookieOf({ io }: Awaited<ReturnType<typeof connect>>): string {
  const [[name, cookie] = []] = [...(io.engine._cookieJar?.cookies ?? [])]
  return `${name}=${cookie?.value}`
}

const overHttp = ({ url }: TestApp, path: string, cookie: string) =>
  fetch(new URL(path, url), { method: 'POST', headers: { cookie } })

describe('P2: a newcomer’s tabs', () => {
  it('are all told of the cookie that an HTTP login brings', async () => {
    const app = await liftFiles(files)
    const { first, second, cookie } = await twoTabs(app)
    const told = [heard(first, 'session:ended'), heard(second, 'session:ended')]

    await overHttp(app, '/login', cookie)

    expect(await Promise.all(told)).toEqual([replaced, replaced])
  })

  it.each(['/login', '/update'])(
    'are told when the last one stores a session by POST %s, and that one stays',
    async (path) => {
      const app = await liftFiles(files)
      const { first, second } = await twoTabs(app)
      const told = heard(first, 'session:ended')

      await ask(second, path)

      expect(await told).toEqual(replaced)
      expect(second.connected).toBe(true)
    },
  )

  it('that came at one moment, both without a cookie, are two newcomers until they connect anew', async () => {
    const app = await liftFiles(files)
    const tab = () => connect(app.url, { withCredentials: true })
    const [first, second] = [await tab(), await tab()]
    // The browser keeps the one that came last.
    const cookie = cookieOf(second)
    const told = heard(second, 'session:ended')
    const untold: unknown[] = []
    first.on('session:ended', (ending) => untold.push(ending))

    const login = await overHttp(app, '/login', cookie)
    const ending = await told
    const me = await ask(first, '/me')
    const anew = await connect(app.url, {
      extraHeaders: { Cookie: login.headers.get('set-cookie')?.split(';')[0] ?? '' },
    })

    expect(ending).toEqual(replaced)
    expect([me.body, untold]).toEqual([{ userId: null }, []])
    expect((await ask(anew, '/me')).body).toEqual({ userId: 'ada' })
  })
})

describe('W3: a socket whose own event ended its session', () => {
  it.each([
    ['/logout', {}],
    ['/logout', { catamaran: 1 }],
    ['/regenerate', { catamaran: 1 }],
  ])('by POST %s is told of a later HTTP login, its query %o', async (path, query) => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login')
    const cookie = browser.cookie()
    const socket = await connect(app.url, { extraHeaders: { Cookie: cookie }, query })
    await ask(socket, path)
    const told = heard(socket, 'session:ended')

    await overHttp(app, '/login', cookie)

    expect(await told).toEqual(replaced)
  })

  it('is told by the cookie it had fetched', async () => {
    const app = await liftFiles(files, { session: { user: 'userId' } })
    const { client, cookie } = visit(app.url)
    const told: unknown[] = []
    client.on('session', (event) => told.push(event))
    await client.post('/update')
    await client.post('/login-bob')
    await client.post('/logout')

    await overHttp(app, '/login', cookie())

    await expect.poll(() => told).toEqual([{ type: 'ended', ...replaced }])
  })

  it('is left alone once it has another session of its own', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login')
    const cookie = browser.cookie()
    const socket = await connect(app.url, { extraHeaders: { Cookie: cookie } })
    const told: unknown[] = []
    socket.on('session:ended', (ending) => told.push(ending))
    await ask(socket, '/logout')
    await ask(socket, '/login')

    await overHttp(app, '/login', cookie)
    await ask(socket, '/login')

    expect(told).toEqual([])
  })
})

describe('W6: a plain client that comes with the cookie of a session that was just left over a socket', () => {
  async function left() {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login')
    const cookie = browser.cookie()
    const headers = { Cookie: cookie }
    const own = await connect(app.url, { extraHeaders: headers, query: { catamaran: 1 } })
    await ask(own, '/logout')
    return { app, cookie, headers }
  }

  it('gets no other for a minute: a ticket may be on its way to the browser', async () => {
    const { app, headers } = await left()

    const early = await shake(app.url, 'polling', { headers })
    await app.clock.advance(61)
    const late = await shake(app.url, 'polling', { headers })

    expect(early.setCookies).toEqual([])
    expect(late.setCookies).toEqual([expect.stringContaining('sails.sid=')])
  })

  it('is nobody’s meanwhile, and is told of the next login over HTTP', async () => {
    const { app, cookie, headers } = await left()
    const plain = await connect(app.url, { extraHeaders: headers })
    const me = await ask(plain, '/me')
    const told = heard(plain, 'session:ended')

    await overHttp(app, '/login', cookie)

    expect(me.body).toEqual({ userId: null })
    expect(await told).toEqual(replaced)
  })
})

describe('W6: a socket that comes with a cookie whose session has just moved on', () => {
  it('is told when the browser gets the next cookie', async () => {
    const app = await liftFiles(files, { session: { user: 'userId' } })
    const browser = app.browser()
    await browser.post('/login')
    const extraHeaders = { Cookie: browser.cookie() }
    const first = await connect(app.url, { extraHeaders, query: { catamaran: 1 } })
    const ticket = heard(first, 'session:ticket')
    await ask(first, '/login-bob')
    const reloaded = await connect(app.url, { extraHeaders })
    const told = heard(reloaded, 'session:ended')
    const { ticket: given } = (await ticket) as { ticket: string }

    await fetch(new URL('/__catamaran/session', app.url), {
      method: 'POST',
      headers: { cookie: browser.cookie(), 'catamaran-ticket': given },
    })

    expect(await told).toEqual({ reason: 'rotated', reconnect: true })
  })
})
