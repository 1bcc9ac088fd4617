import { createHmac } from 'node:crypto'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Files, liftFiles, strongSecret } from '../support/lift-files.ts'
import { shake, transports } from './raw.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null, id: req.sessionID }),
  }`,
}

function signed(id: string, secret = strongSecret): string {
  const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
  return `sails.sid=${encodeURIComponent(`s:${id}.${signature}`)}`
}

describe('a handshake', () => {
  it('brings the session of an HTTP login to the socket', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login', { user: 'ada' })

    const { body } = await browser.emit('GET /me')

    expect(body).toMatchObject({ userId: 'ada' })
  })

  it('gives a newcomer the cookie under which HTTP finds a login over the socket', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.emit('POST /login', { user: 'ada' })

    const { body } = await browser.get('/me')

    expect(body).toMatchObject({ userId: 'ada' })
  })

  it('shows an open socket an HTTP login at its next event, and the reverse', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.emit('POST /login', { user: 'ada' })
    await browser.post('/login', { user: 'grace' })
    const seen = await browser.emit('GET /me')

    await browser.emit('POST /login', { user: 'ada' })

    expect(seen.body).toMatchObject({ userId: 'grace' })
    expect((await browser.get('/me')).body).toMatchObject({ userId: 'ada' })
  })

  it('never lets a second socket in on the id of a newcomer: it may have been planted', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    const first = await browser.socket()
    const told = new Promise((resolve) => first.once('session:ended', resolve))
    const second = io(app.url, { extraHeaders: { Cookie: browser.cookie() }, forceNew: true })
    onTestFinished(() => void second.close())
    await new Promise((resolve) => second.once('connect', () => resolve(undefined)))

    await second.emitWithAck('post', { url: '/login', data: { user: 'ada' } })

    // It may be another tab of the same browser, which comes back with the cookie it has by then.
    expect(await told).toEqual({ reason: 'replaced', reconnect: true })
    expect((await browser.get('/me')).body).toMatchObject({ userId: null })
  })

  it('stores nothing for a newcomer', async () => {
    const app = await liftFiles(files, { session: { adapter: 'memory' } })
    for (const transport of transports) await shake(app.url, transport)

    const browser = app.browser()
    await browser.socket()
    const { body } = await browser.get('/me')

    expect(body).toMatchObject({ userId: null })
    expect(browser.cookie()).not.toBe('')
    // The id that came along was unknown: had the handshake stored it, HTTP would have kept it.
    expect(browser.cookie()).not.toContain((body as { id: string }).id)
  })
})

describe.each(transports)('W2: a handshake over %s', (transport) => {
  const strangers: Record<string, string | undefined> = {
    'no cookie': undefined,
    'other cookies': '_ga=1; theme=dark',
    'an unsigned cookie': 'sails.sid=abc',
    'a badly signed cookie': signed('abc', 'another secret of 32 characters!!'),
    'a cookie of an unknown session': signed('unknown'),
    'many cookies of that name': `sails.sid=a; sails.sid=b; ${signed('unknown')}; sails.sid=c`,
    'a broken header': ';;=;sails.sid=%E0%A4%A; sails.sid',
  }

  it.each(Object.entries(strangers))('with %s sets the cookie by one line', async (_, cookie) => {
    const app = await liftFiles(files)

    const { setCookies } = await shake(app.url, transport, {
      headers: cookie === undefined ? {} : { Cookie: cookie },
    })

    expect(setCookies).toHaveLength(1)
    expect(setCookies[0]).toMatch(/^sails\.sid=s%3A[\w-]{32}\.[^;,]+; Path=\/; [^,]*HttpOnly/)
    expect(setCookies[0]).not.toContain('unknown')
  })

  it('with a good cookie sets none, also beside bad ones', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.post('/login', { user: 'ada' })
    const good = browser.cookie()

    const answers = await Promise.all(
      [good, `_ga=1; ${good}`, `${signed('unknown')}; sails.sid=x; ${good}`].map((Cookie) =>
        shake(app.url, transport, { headers: { Cookie } }),
      ),
    )

    expect(answers.map(({ setCookies }) => setCookies)).toEqual([[], [], []])
  })

  it('sets no secure cookie over plain http', async () => {
    const app = await liftFiles(files, { session: { cookie: { secure: true } } })

    const { status, setCookies } = await shake(app.url, transport)

    expect(status).toBe(transport === 'polling' ? 200 : 101)
    expect(setCookies).toEqual([])
  })

  it('gives each newcomer an id of its own', async () => {
    const app = await liftFiles(files)

    const lines = await Promise.all(Array.from({ length: 10 }, () => shake(app.url, transport)))

    expect(new Set(lines.map(({ setCookies }) => setCookies[0])).size).toBe(10)
  })
})
