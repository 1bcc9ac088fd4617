/** What an app does with its session, through both doors: rotation, logins, flash, typed data. */
import type { Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Browser } from '../src/testing/browser.ts'
import { connect, heard } from './sockets/client.ts'
import { type Files, liftFiles } from './support/lift-files.ts'
import { describeRedis, startRedis } from './support/redis.ts'

const files: Files = {
  'config/session.mjs': `
    const isTheme = (theme) => theme === undefined || ['light', 'dark'].includes(theme)
    export default {
      user: 'userId',
      data: { '~standard': { validate: (value) => isTheme(value.theme)
        ? { value: { lists: [], ...value } }
        : { issues: [{ message: 'light or dark', path: ['theme'] }] } } },
      version: 1,
      migrate: (old) => ({ ...old, migrated: true }),
    }`,
  'config/policies.mjs': `
    export default { 'account/close': 'recent-login', 'account/pay': 'lately' }`,
  'api/policies/lately.mjs': `export default async (req, res, next) => {
    const { recentLogin } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)})
    return recentLogin(5)(req, res, next)
  }`,
  'api/controllers/account/close.mjs': `export default () => ({ closed: true })`,
  'api/controllers/account/pay.mjs': `export default () => ({ paid: true })`,
  'config/routes.mjs': `export default {
    'POST /guest': (req) => { req.session.cart = [1]; return {} },
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /prove': (req) => {
      req.session.authenticatedAt = new Date(Date.now() - req.body.ago * 1000)
      return {}
    },
    'POST /rotate': async (req) => { await req.session.rotate(); return { id: req.sessionID } },
    'POST /late': async (req) => {
      await new Promise((done) => setTimeout(done, 150))
      req.session.late = true
      return {}
    },
    'POST /theme': (req) => { req.session.theme = req.body.theme; return {} },
    'POST /save': (req) => { req.session.flash('notice', 'Saved'); return {} },
    'POST /notices': async (req) => ({ notices: await req.session.takeFlash('notice') }),
    'POST /close': 'account/close',
    'POST /pay': 'account/pay',
    'GET /all': (req) => ({ ...req.session, cookie: undefined }),
    'GET /id': (req) => ({ id: req.sessionID }),
  }`,
}

type Send = (browser: Browser, path: string, data?: object) => Promise<[number, unknown]>
const doors: Record<string, Send> = {
  async http(browser, path, data = {}) {
    const { status, body } = await browser.post(path, data)
    return [status, body]
  },
  async socket(browser, path, data = {}) {
    const { statusCode, body } = await browser.emit(`POST ${path}`, data)
    return [statusCode, body]
  },
}

async function visitor(session = {}) {
  const app = await liftFiles(files, { session })
  const browser = app.browser()
  await browser.post('/guest', {})
  return { app, browser }
}

describe.each(Object.entries(doors))('a session over %s', (door, send) => {
  it('takes a flash message once, whichever door left it', async () => {
    const { browser } = await visitor()
    await browser.post('/save', {})
    await browser.emit('POST /save', {})

    expect(await send(browser, '/notices')).toEqual([200, { notices: ['Saved', 'Saved'] }])
    expect(await send(browser, '/notices')).toEqual([200, { notices: [] }])
  })

  it('lets one of ten parallel requests take it', async () => {
    const { browser } = await visitor()
    await send(browser, '/save')

    const all = await Promise.all(Array.from({ length: 10 }, () => send(browser, '/notices')))

    expect(all.flatMap(([, body]) => (body as { notices: string[] }).notices)).toEqual(['Saved'])
  })

  it('recent-login wants a login, and a recent one', async () => {
    const { app, browser } = await visitor()

    const stranger = await send(app.browser(), '/close')
    await browser.post('/login', {})
    const fresh = await send(browser, '/close')
    await send(browser, '/prove', { ago: 8 })
    const within = await send(browser, '/close')
    const narrow = await send(browser, '/pay')
    await send(browser, '/prove', { ago: 601 })
    const old = await send(browser, '/close')

    expect(stranger).toMatchObject([401, { code: 'E_UNAUTHORIZED' }])
    expect([fresh, within]).toEqual([
      [200, { closed: true }],
      [200, { closed: true }],
    ])
    expect(narrow).toMatchObject([403, { code: 'E_LOGIN_OLD', message: /5 seconds/ }].map(matching))
    expect(old).toMatchObject([403, { code: 'E_LOGIN_OLD', hint: expect.any(String) }])
  })

  it('refuses data that does not fit, and stores nothing', async () => {
    const { browser } = await visitor()

    const [status, body] = await send(browser, '/theme', { theme: 'purple' })

    expect(status).toBe(500)
    expect(JSON.stringify(body)).toContain(door === 'http' ? 'E_SESSION_DATA' : 'session.theme')
    expect((await browser.get('/all')).body).not.toHaveProperty('theme')
    expect(await send(browser, '/theme', { theme: 'dark' })).toMatchObject([200, {}])
    expect((await browser.emit('GET /all')).body).toMatchObject({ theme: 'dark', lists: [] })
  })

  it('P10: keeps what was under way while HTTP rotated', async () => {
    const { app, browser } = await visitor()
    // It stays on the line for half a second after it was asked to come back.
    const socket = await connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })

    const late = door === 'http' ? browser.post('/late', {}) : emit(socket, '/late')
    await new Promise((done) => setTimeout(done, 50))
    const { body } = await browser.post('/rotate', {})

    expect(await late).toMatchObject(door === 'http' ? { status: 200 } : { statusCode: 200 })
    expect((await browser.get('/id')).body).toEqual(body)
    expect((await browser.get('/all')).body).toMatchObject({ cart: [1], late: true })
  })
})

const emit = (socket: Socket, url: string) => socket.timeout(3000).emitWithAck('post', { url })

function matching(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return { ...value, message: expect.stringMatching(Reflect.get(value, 'message') as RegExp) }
}

function logins(session: () => Promise<object>): void {
  it('P10: gives a new cookie, ends the old, and asks open sockets to come back', async () => {
    const { app, browser } = await visitor(await session())
    const old = browser.cookie()
    const socket = await connect(app.url, { extraHeaders: { Cookie: old } })
    const told = heard(socket, 'session:ended')

    await browser.post('/login', {})

    expect(await told).toEqual({ reason: 'rotated', reconnect: true })
    expect(browser.cookie()).not.toBe(old)
    expect((await browser.emit('GET /all')).body).toMatchObject({ userId: 'ada', cart: [1] })
    const replayed = await app.browser().get('/all', { Cookie: old })
    expect(replayed.body).not.toHaveProperty('cart')
    const refused = await socket.timeout(3000).emitWithAck('get', { url: '/all' })
    expect(refused).toMatchObject({ statusCode: 401, body: { code: 'E_SESSION_ENDED' } })
  })

  it('W6: over a socket keeps the id, and logs in', async () => {
    const { browser } = await visitor(await session())
    const before = await browser.emit('GET /id')

    await browser.emit('POST /login', {})
    const rotated = await browser.emit('POST /rotate', {})

    expect(rotated.body).toEqual(before.body)
    expect((await browser.get('/all')).body).toMatchObject({ userId: 'ada' })
  })
}

describe('a login on memory', () => logins(async () => ({})))

describeRedis('a login on redis', () => {
  logins(async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    return { adapter: 'redis', port: redis.port, prefix: `identity-${performance.now()}:` }
  })
})

describe('config/session', () => {
  it.each([
    ['5', 'must be a schema'],
    ["{ '~standard': { validate: async (value) => ({ value }) } }", 'must not be async'],
  ])('refuses data: %s', async (data, words) => {
    const lifting = liftFiles({ 'config/session.mjs': `export default { data: ${data} }` })

    await expect(lifting).rejects.toThrow(words)
  })
})
