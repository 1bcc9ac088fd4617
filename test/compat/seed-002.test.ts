/** Seed 002, Sails 1.x's concept page of sessions: what a visitor sees of them. */
import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { idIn, liftSails, secret } from './seed-ground.ts'

const plain = `secret: '${secret}'`

/** The cookie of an id, signed as the page describes: the id, a dot and a signature of it. */
function signed(id: string, by = secret): string {
  const signature = createHmac('sha256', by).update(id).digest('base64').replace(/=+$/, '')
  return `sails.sid=${encodeURIComponent(`s:${id}.${signature}`)}`
}

describe('seed 002: a session', () => {
  it('002-01: keeps what is known of a user agent between requests that know nothing', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.post('/set', { me: 'ada' })

    expect((await visitor.get('/me')).body).toMatchObject({ me: 'ada' })
  })

  it('002-03: is all that stays of a request whose response was sent', async () => {
    const app = await liftSails(plain)
    const visitor = app.browser()

    await visitor.post('/set', { me: 'ada' })

    expect((await app.browser().get('/me')).body).not.toHaveProperty('me')
    expect((await visitor.get('/me')).body).toHaveProperty('me', 'ada')
  })

  it('002-02: belongs to one user agent by its cookie', async () => {
    const app = await liftSails(plain)
    const [tab, appliance] = [app.browser(), app.browser()]

    await tab.post('/set', { me: 'tab' })
    await appliance.emit('POST /set', { me: 'appliance' })

    expect((await tab.get('/me')).body).toMatchObject({ me: 'tab' })
    expect((await appliance.emit('GET /me')).body).toMatchObject({ me: 'appliance' })
  })

  it('002-04: holds who has logged in, and no more', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.post('/login')

    const id = idIn(visitor.cookie())
    expect((await visitor.get('/me')).body).toEqual({ userId: 7, id })
  })

  it('002-11: takes the login action as the page writes it', async () => {
    const { body } = await (await liftSails(plain)).browser().post('/login')

    expect(body).toEqual({ id: 7, name: 'ada' })
  })

  it('002-13: is there for every request after the answer', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.post('/login')

    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7 })
    expect((await visitor.emit('GET /me')).body).toMatchObject({ userId: 7 })
  })

  it('002-05: is a store, the middleware that fills req.session, and the cookie sails.sid', async () => {
    const app = await liftSails(plain)
    const visitor = app.browser()

    const { body } = await visitor.get('/me')

    expect(app.adapter).toBe('memory')
    expect(body).toEqual({ id: idIn(visitor.cookie()) })
    expect(visitor.cookie()).toMatch(/^sails\.sid=/)
  })

  it('002-06: is kept in memory by default', async () => {
    expect((await liftSails(plain)).adapter).toBe('memory')
  })

  it('002-08: leaves its id in a cookie of the user agent', async () => {
    const visitor = (await liftSails(plain)).browser()

    const { body } = await visitor.get('/me')

    expect(body).toMatchObject({ id: idIn(visitor.cookie()) })
  })

  it("002-09: is that of each request's own header, whoever sends it", async () => {
    const app = await liftSails(plain)
    const [ada, eve, sender] = [app.browser(), app.browser(), app.browser()]
    await Promise.all([ada.post('/set', { me: 'ada' }), eve.post('/set', { me: 'eve' })])

    for (const [name, { cookie }] of Object.entries({ ada, eve })) {
      const { body } = await sender.get('/me', { Cookie: cookie() })
      expect(body).toHaveProperty('me', name)
    }
  })

  it('002-10: is new and has a sid where the header has no cookie', async () => {
    const { body } = await (await liftSails(plain)).browser().get('/me')

    expect(body).toEqual({ id: expect.stringMatching(/^[\w-]{32}$/) })
  })

  it('002-14: begins with a cookie for whoever comes without one, and sends no second', async () => {
    const visitor = (await liftSails(plain)).browser()

    const lines = [await visitor.get('/me'), await visitor.get('/me')].map(({ headers }) =>
      headers.getSetCookie(),
    )

    expect(lines).toEqual([[expect.stringMatching(/^sails\.sid=/)], []])
  })

  it('002-37: sends its cookie by a set-cookie header', async () => {
    const { headers } = await (await liftSails(plain)).browser().get('/me')

    expect(headers.get('set-cookie')).toMatch(/^sails\.sid=s%3A.*Path=\/; HttpOnly/)
  })

  it('002-12: is seen by other requests as it was, until the response is sent', async () => {
    const visitor = (await liftSails(plain)).browser()
    await visitor.post('/set', { me: 'before' })

    const pending = visitor.post('/hold')
    await vi.waitFor(async () => expect((await visitor.get('/held')).body).toBe(true))
    const meanwhile = await visitor.get('/me')
    await Promise.all([visitor.post('/release'), pending])

    expect(meanwhile.body).toMatchObject({ me: 'before' })
    expect((await visitor.get('/me')).body).toMatchObject({ me: 'held' })
  })

  it('002-15: is found again by a cookie that is authentic, and by no other', async () => {
    const app = await liftSails(plain)
    const visitor = app.browser()
    await visitor.post('/login')
    const changed = visitor.cookie().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))

    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7 })
    const { body } = await app.browser().get('/me', { Cookie: changed })
    expect(body).not.toHaveProperty('userId')
  })

  it('002-16: can be read and added to', async () => {
    const visitor = (await liftSails(plain)).browser()
    await visitor.post('/login')
    await visitor.post('/set', { me: 'someValue' })

    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7, me: 'someValue' })
  })

  it('002-17: keeps its id while its values change', async () => {
    const visitor = (await liftSails(plain)).browser()
    await visitor.get('/me')
    const before = visitor.cookie()

    await visitor.post('/set', { me: 'other' })

    expect((await visitor.get('/me')).body).toMatchObject({ id: idIn(before) })
    expect(visitor.cookie()).toBe(before)
  })

  it('002-18: in memory is lost by a restart; the cookie is then replaced by one with a new sid', async () => {
    const before = await liftSails(plain)
    const visitor = before.browser()
    await visitor.post('/login')
    await before.close()

    const after = (await liftSails(plain)).browser()
    const { body } = await after.get('/me', { Cookie: visitor.cookie() })

    expect(body).not.toHaveProperty('userId')
    expect(idIn(after.cookie())).not.toBe(idIn(visitor.cookie()))
  })

  it.each([
    ['has expired', (app: TestApp) => app.clock.advance(61)],
    ['was removed', async () => ({ Cookie: 'theme=dark' })],
  ])('002-19: has another id once its cookie %s', async (_, lose) => {
    const app = await liftSails(`${plain}, ttl: 3600, cookie: { maxAge: 60 * 1000 }`)
    const visitor = app.browser()
    await visitor.post('/set', { me: 'ada' })
    const before = idIn(visitor.cookie())

    const headers = (await lose(app)) ?? {}
    const { body } = await visitor.get('/me', headers)

    expect(body).toEqual({ id: idIn(visitor.cookie()) })
    expect(idIn(visitor.cookie())).not.toBe(before)
  })

  // The page says "never expires"; without maxAge a browser drops the cookie when it closes, in Sails too.
  it('002-20: has a cookie without expiry unless maxAge is set', async () => {
    const { headers } = await (await liftSails(plain)).browser().get('/me')

    expect(headers.getSetCookie()[0]).not.toMatch(/expires|max-age/i)
  })

  it('002-21: has a cookie as old as cookie.maxAge says, in milliseconds', async () => {
    const app = await liftSails(`${plain}, cookie: { maxAge: 24 * 60 * 60 * 1000 }`)

    const { headers } = await app.browser().get('/me')

    const expires = /Expires=([^;]+)/.exec(headers.getSetCookie()[0] ?? '')?.[1] ?? ''
    const hours = (Date.parse(expires) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(23.9)
    expect(hours).toBeLessThanOrEqual(24)
  })

  it('002-33: hashes its id with the secret for the cookie', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.get('/me')

    expect(visitor.cookie()).toBe(signed(idIn(visitor.cookie())))
  })

  it('002-34: takes the secret of config/session.js', async () => {
    const own = `${secret} of this app`
    const visitor = (await liftSails(`secret: '${own}'`)).browser()

    await visitor.get('/me')

    expect(visitor.cookie()).toBe(signed(idIn(visitor.cookie()), own))
  })

  it('002-35: has a cookie of the plain id, a dot and the signature', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.get('/me')

    expect(decodeURIComponent(visitor.cookie())).toMatch(/^sails\.sid=s:[\w-]{32}\.[\w+/]{43}$/)
  })

  it("002-36: of the page's example has another signature: the page only illustrates", async () => {
    const [id, own] = ['234lj232hg234jluy32UUYUHH', '9238cca11a83d473e10981c49c4f']
    const shown = `${id}.AuSosBAbL9t3Ev44EofZtIpiMuV7fB2oi`
    const app = await liftSails(`secret: '${own}', genid: function () { return '${id}' }`)
    const visitor = app.browser()

    await visitor.post('/login')

    expect(visitor.cookie()).toBe(signed(id, own))
    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7, id })
    for (const value of [shown, `s%3A${shown}`]) {
      const { body } = await app.browser().get('/me', { Cookie: `sails.sid=${value}` })
      expect(body).not.toHaveProperty('userId')
    }
  })

  it('002-38: has an id of 192 random bits', async () => {
    const app = await liftSails(plain)
    const visitors = Array.from({ length: 20 }, () => app.browser())

    await Promise.all(visitors.map((visitor) => visitor.get('/me')))

    const ids = new Set(visitors.map((visitor) => idIn(visitor.cookie())))
    expect(ids.size).toBe(20)
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(24)
  })

  it('002-39: never begins under an id somebody else knows', async () => {
    const app = await liftSails(plain)
    const id = 'an-id-that-an-attacker-has-made-u'
    const forged = [`sails.sid=${id}`, `sails.sid=s%3A${id}.x`, signed(id, 'x'), signed(id)]

    for (const cookie of forged) {
      const { body } = await app.browser().get('/me', { Cookie: cookie })
      expect(body).not.toMatchObject({ id })
    }
  })

  it('002-40: may be called Sails.sid as well', async () => {
    const visitor = (await liftSails(`${plain}, key: 'Sails.sid'`)).browser()

    await visitor.post('/login')

    expect(visitor.cookie()).toMatch(/^Sails\.sid=/)
    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7 })
  })
})
