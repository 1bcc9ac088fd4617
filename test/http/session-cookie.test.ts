import type { Request, Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { appFolder, liftFiles, strongSecret } from '../support/lift-files.ts'
import { ask } from './ask.ts'

const newSecret = `new ${strongSecret}`
const login = (req: Request) => {
  Object.assign(req.session, { userId: 'ada' })
  return {}
}
const routes = {
  'POST /login': login,
  'POST /cached': (req: Request, res: Response) => {
    res.set({ 'Cache-Control': 'private, max-age=60', Vary: 'Accept-Encoding' })
    return login(req)
  },
  'POST /varied': (req: Request, res: Response) => {
    res.set('Vary', 'accept, COOKIE')
    return login(req)
  },
  'GET /me': (req: Request) => ({ userId: Reflect.get(req.session, 'userId') ?? null }),
}

/** What stands before the signature. */
const idOf = (cookie = '') => cookie.slice(0, cookie.lastIndexOf('.'))

async function loggedIn(session: object = {}, path = '/login', headers = {}) {
  const { url } = await liftFiles({}, { routes, session, http: { trustProxy: true } })
  const answer = await ask(url, path, { method: 'POST', headers })
  const line = String(answer.headers['set-cookie'])
  return { url, line, cookie: line.split(';')[0] ?? '', headers: answer.headers }
}

describe('the session cookie', () => {
  it('is for its own site and no script unless told otherwise', async () => {
    const { line } = await loggedIn()

    expect(line).toMatch(/^sails\.sid=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  it('has the name and attributes the config gives', async () => {
    const cookie = { secure: true, sameSite: 'none', partitioned: true, priority: 'high' }
    const proxied = { 'X-Forwarded-Proto': 'https' }
    const { line } = await loggedIn({ key: '__Host-sid', cookie }, '/login', proxied)

    expect(line).toMatch(/^__Host-sid=/)
    expect(line.split('; ').slice(1).sort()).toEqual(
      ['HttpOnly', 'Partitioned', 'Path=/', 'Priority=High', 'SameSite=None', 'Secure'].sort(),
    )
  })

  it.each([
    ['https', true],
    ['http', false],
  ])('is secure by auto when the trusted proxy says %s', async (scheme, isSecure) => {
    const cookie = { secure: 'auto' }
    const { line } = await loggedIn({ cookie }, '/login', { 'X-Forwarded-Proto': scheme })

    expect(line.includes('; Secure')).toBe(isSecure)
  })
})

describe('session.proxy', () => {
  it.each<[string, object, object, boolean]>([
    ['on', { proxy: true }, { trustProxy: false }, true],
    ['off', { proxy: false }, { trustProxy: true }, false],
    ['unset behind a trusted proxy', {}, { trustProxy: true }, true],
    ['unset without one', {}, { trustProxy: false }, false],
  ])('%s: says whether the proxy’s word of TLS counts for the cookie', async (...row) => {
    const [, session, http, isSecure] = row
    const app = { routes, session: { ...session, cookie: { secure: 'auto' } }, http }
    const { url } = await liftFiles({}, app)
    const headers = { 'X-Forwarded-Proto': 'https' }

    const answer = await ask(url, '/login', { method: 'POST', headers })

    expect(String(answer.headers['set-cookie']).includes('; Secure')).toBe(isSecure)
  })

  it('on: keeps sessions of a secure cookie although Express trusts no proxy', async () => {
    const session = { proxy: true, cookie: { secure: true } }
    const { url } = await liftFiles({}, { routes, session })
    const headers = { 'X-Forwarded-Proto': 'https' }
    const answer = await ask(url, '/login', { method: 'POST', headers })
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''

    const me = await ask(url, '/me', { headers: { cookie } })

    expect(JSON.parse(me.body)).toEqual({ userId: 'ada' })
  })
})

describe('an answer that sets the session cookie', () => {
  it('is kept out of caches', async () => {
    const { headers, url, cookie } = await loggedIn()
    const later = await ask(url, '/me', { headers: { cookie } })

    expect(headers).toMatchObject({ 'cache-control': 'private, no-store', vary: 'Cookie' })
    expect(later.headers['cache-control']).toBeUndefined()
  })

  it('keeps what the action says of caches, and varies by the cookie too', async () => {
    const cached = await loggedIn({}, '/cached')
    const varied = await loggedIn({}, '/varied')

    expect(cached.headers['cache-control']).toBe('private, max-age=60')
    expect(cached.headers.vary).toBe('Accept-Encoding, Cookie')
    expect(varied.headers.vary).toBe('accept, COOKIE')
  })
})

describe('P11: an app whose secret was changed', () => {
  it('takes what the older one signed and signs it anew, until that one is removed', async () => {
    const root = await appFolder({})
    const lift = async (...secret: string[]) => {
      const overrides = { routes, session: { secret, adapter: 'sqlite' } }
      const app = await testApp(root, overrides, { environment: {} })
      onTestFinished(() => app.close())
      return app.url
    }
    const me = async (url: string, cookie: string) => {
      const { body, headers } = await ask(url, '/me', { headers: { cookie } })
      return { body: JSON.parse(body), cookie: headers['set-cookie']?.[0]?.split(';')[0] }
    }
    const first = await ask(await lift(strongSecret), '/login', { method: 'POST' })
    const old = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

    const both = await me(await lift(newSecret, strongSecret), old)
    const after = await lift(newSecret)

    expect(both.body).toEqual({ userId: 'ada' })
    expect(idOf(both.cookie)).toBe(idOf(old))
    expect(both.cookie).not.toBe(old)
    expect((await me(after, both.cookie ?? '')).body).toEqual({ userId: 'ada' })
    expect((await me(after, old)).body).toEqual({ userId: null })
  })
})
