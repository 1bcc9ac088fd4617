import { createRequire } from 'node:module'
import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { createBrowser } from '../../src/testing/browser.ts'
import { liftFiles } from '../support/lift-files.ts'

const multer = createRequire(import.meta.url)('multer')

const routes = {
  'GET /me': (req: { session: { user?: string } }) => ({ user: req.session.user ?? null }),
  'POST /login': (req: { session: { user?: string }; body: unknown }) => {
    req.session.user = 'ada'
    return { body: req.body ?? null }
  },
  'DELETE /me': () => 'gone',
  'POST /hook': { fn: () => 'heard', csrf: false },
  'POST /query': (req: Request) => ({ all: req.allParams() }),
  'POST /photo': [
    multer({ storage: multer.memoryStorage() }).single('photo'),
    (req: Request) => Object(req).file.originalname,
  ],
  'POST /plain': { fn: () => 'plain', session: false },
}

async function post(url: string, headers: Record<string, string>, path = '/login') {
  const { status } = await fetch(url + path, { method: 'POST', headers })
  return status
}

/** An app whose `/thing` can be reached by one method, with the number of times it was. */
async function liftThing(method: string) {
  let reached = 0
  const routes = { [`${method} /thing`]: () => ({ reached: ++reached }) }
  const { url } = await liftFiles({}, { routes })
  const send = async (headers: Record<string, string>) => {
    const answer = await fetch(`${url}/thing`, { method, headers })
    return { status: answer.status, body: await answer.json() }
  }
  return { send, reached: () => reached }
}

describe('a request that changes something', () => {
  const other = 'https://evil.example'

  it.each([
    ['of no browser', {}, 200],
    ['of our page', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1' }, 200],
    ['typed by the user', { 'sec-fetch-site': 'none' }, 200],
    ['of another site', { 'sec-fetch-site': 'cross-site', origin: other }, 403],
    ['of a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://a.localhost' }, 403],
    ['of an odd site', { 'sec-fetch-site': 'same-origin, none' }, 403],
    ['of another origin, in an older browser', { origin: other }, 403],
    ['of a hidden origin', { origin: 'null' }, 403],
    ['of another port', { origin: 'http://localhost:1' }, 403],
  ])('%s is answered %s with %i', async (_who, headers, status) => {
    const { url } = await liftFiles({}, { routes })

    expect(await post(url, headers)).toBe(status)
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'by %s is refused where it comes from another site, however the browser says so',
    async (method) => {
      const { send, reached } = await liftThing(method)
      const refused = { status: 403, body: { code: 'E_CROSS_SITE' } }

      expect(await send({ 'sec-fetch-site': 'cross-site' })).toMatchObject(refused)
      expect(await send({ origin: other })).toMatchObject(refused)
      expect(reached()).toBe(0)
      expect(await send({ 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 })
      expect(reached()).toBe(1)
    },
  )

  it('has no address of tokens where nothing asks for one', async () => {
    for (const security of [{}, { csrf: false }]) {
      const visitor = (await liftFiles({}, { routes, security })).browser()

      expect(await visitor.get('/csrfToken')).toMatchObject({ status: 404 })
      expect(await visitor.emit('GET /csrfToken')).toMatchObject({ statusCode: 404 })
    }
  })

  it('of our own origin passes in older browsers, too', async () => {
    const { url } = await liftFiles({}, { routes })

    expect(await post(url, { origin: url })).toBe(200)
    expect(await post(url, { origin: `${url}.evil.example` })).toBe(403)
  })

  it('is told why it was refused, and has changed nothing', async () => {
    const { browser, url } = await liftFiles({}, { routes })
    const visitor = browser()
    const headers = { 'sec-fetch-site': 'cross-site', accept: 'application/json' }

    const answer = await fetch(`${url}/login`, { method: 'POST', headers })

    expect(await answer.json()).toMatchObject({ code: 'E_CROSS_SITE' })
    expect(answer.headers.has('set-cookie')).toBe(false)
    expect(await visitor.get('/me', headers)).toMatchObject({ status: 200, body: { user: null } })
  })

  it('may come from anywhere where a route or the app says so', async () => {
    const strict = await liftFiles({}, { routes })
    const open = await liftFiles({}, { routes, security: { csrf: false } })
    const headers = { 'sec-fetch-site': 'cross-site', origin: other }

    expect(await post(strict.url, headers, '/hook')).toBe(200)
    expect(await post(open.url, headers)).toBe(200)
  })

  it('may come from an origin that CORS invites', async () => {
    const cors = { allRoutes: true, allowOrigins: [other], allowCredentials: true }
    const { url } = await liftFiles({}, { routes, security: { cors } })
    const from = (origin: string) => ({ 'sec-fetch-site': 'cross-site', origin })

    expect(await post(url, from(other))).toBe(200)
    expect(await post(url, from('https://worse.example'))).toBe(403)
  })

  it('comes without cookies from where CORS invites everyone', async () => {
    const { url } = await liftFiles({}, { routes, security: { cors: { allRoutes: true } } })
    const headers = { 'sec-fetch-site': 'cross-site', origin: other }

    expect(await post(url, headers)).toBe(200)
    expect(await post(url, { ...headers, cookie: 'a=b' })).toBe(403)
  })
})

describe('with csrf: true, a request that changes something', () => {
  const lift = () => liftFiles({}, { routes, security: { csrf: true } })
  const tokenOf = (body: unknown) => (body as { _csrf: string })._csrf

  it('needs a token of its session, on both doors', async () => {
    const visitor = (await lift()).browser()

    expect(await visitor.post('/login')).toMatchObject({
      status: 403,
      body: { code: 'E_CSRF_TOKEN' },
    })
    expect(await visitor.emit('POST /login')).toMatchObject({ statusCode: 403 })

    const { body, headers } = await visitor.get('/csrfToken')
    const _csrf = tokenOf(body)

    expect(headers.get('cache-control')).toBe('no-store')
    expect(await visitor.post('/login', { _csrf, a: 1 })).toMatchObject({
      status: 200,
      body: { body: { a: 1 } },
    })
    expect(await visitor.emit('POST /login', { _csrf })).toMatchObject({ statusCode: 200 })
    expect(await visitor.emit('DELETE /me')).toMatchObject({ statusCode: 403 })
  })

  it('may bring it in a header', async () => {
    const { browser, url } = await lift()
    const visitor = browser()
    const token = tokenOf((await visitor.get('/csrfToken')).body)
    const cookie = visitor.cookie()

    expect(await post(url, { cookie, 'x-csrf-token': token })).toBe(200)
    expect(await post(url, { cookie, 'xsrf-token': token })).toBe(200)
    expect(await post(url, { cookie, 'x-csrf-token': `${token}x` })).toBe(403)
    expect(await post(url, { cookie, 'x-csrf-token': 'a.b' })).toBe(403)
  })

  it('takes it out of the query, too', async () => {
    const visitor = (await lift()).browser()
    const _csrf = tokenOf((await visitor.get('/csrfToken')).body)
    const address = `/query?a=1&_csrf=${_csrf}`

    expect(await visitor.post(address)).toMatchObject({ status: 200, body: { all: { a: '1' } } })
    expect((await visitor.post(address)).body).toEqual({ all: { a: '1' } })
    expect((await visitor.emit(`POST ${address}`)).body).toEqual({ all: { a: '1' } })
    expect(await visitor.post('/query?_csrf=x')).toMatchObject({ status: 403 })
    expect(await visitor.post(`${address}&_csrf=x`)).toMatchObject({ status: 403 })
  })

  it('takes it out of body and query also where another place has brought it', async () => {
    const app = await lift()
    const visitor = app.browser()
    const _csrf = tokenOf((await visitor.get('/csrfToken')).body)
    const inHeader = { cookie: visitor.cookie(), 'x-csrf-token': _csrf }
    const headers = { ...inHeader, 'content-type': 'application/json' }
    const body = JSON.stringify({ _csrf, b: 2 })

    const answer = await fetch(`${app.url}/query?a=1&_csrf=x`, { method: 'POST', headers, body })

    expect(await answer.json()).toEqual({ all: { a: '1', b: 2 } })
    expect(await visitor.post('/query?_csrf=x', { _csrf })).toMatchObject({ body: { all: {} } })
  })

  it('may be an upload: its form has the token in its address', async () => {
    const app = await liftFiles({}, { routes, security: { csrf: true } })
    const visitor = app.browser()
    const _csrf = tokenOf((await visitor.get('/csrfToken')).body)
    const send = (address: string) => {
      const form = new FormData()
      form.set('_csrf', _csrf)
      form.set('photo', new Blob(['hello']), 'ada.txt')
      return visitor.post(address, form)
    }

    expect(await send(`/photo?_csrf=${_csrf}`)).toMatchObject({ status: 200, body: 'ada.txt' })
    expect(await send('/photo')).toMatchObject({ status: 403, body: { code: 'E_CSRF_TOKEN' } })
  })

  it('comes from a page that finds the token in _csrf', async () => {
    const engine = (_path: string, values: object, done: (error: unknown, text: string) => void) =>
      done(null, String(Reflect.get(values, '_csrf')))
    const pages = {
      'GET /form': { view: 'form' },
      'GET /rendered': (_req: Request, res: Response) => res.render('form'),
      'GET /own': (_req: Request, res: Response) => {
        res.locals['_csrf'] = 'mine'
        res.render('form')
      },
      'GET /sessionless': { view: 'form', session: false },
      'GET /json': () => 'json',
    }
    const overrides = { routes: { ...routes, ...pages }, security: { csrf: true } }
    const files = { 'views/form.html': '' }
    const visitor = (await liftFiles(files, { ...overrides, views: { engine } })).browser()

    expect((await visitor.get('/json')).headers.has('cache-control')).toBe(false)
    expect(visitor.cookie()).toBe('')
    for (const page of ['/form', '/rendered', '/form']) {
      const { body: _csrf, headers } = await visitor.get(page)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(await visitor.post('/login', { _csrf })).toMatchObject({ status: 200 })
    }
    expect((await visitor.get('/own')).body).toBe('mine')
    const sessionless = await visitor.get('/sessionless')
    expect(sessionless.body).toBe('')
    expect(sessionless.headers.has('cache-control')).toBe(false)
  })

  it('leaves _csrf empty on pages that get no token', async () => {
    const engine = (_path: string, values: object, done: (error: unknown, text: string) => void) =>
      done(null, `token "${Reflect.get(values, '_csrf')}"`)
    const page = 'module.exports = function () { this.res.view("page") }'
    const files = {
      'views/page.html': '',
      'api/responses/notFound.cjs': page,
      'api/responses/serverError.cjs': page,
    }
    const pages = {
      'GET /open': { view: 'page', csrf: false },
      'GET /broken': { fn: () => Promise.reject(new Error('a fault')), csrf: false },
    }
    const overrides = { routes: pages, security: { csrf: true }, views: { engine } }
    const visitor = (await liftFiles(files, overrides)).browser()

    for (const path of ['/open', '/broken', '/nowhere']) {
      expect((await visitor.get(path)).body).toBe('token ""')
    }
    expect(visitor.cookie()).toBe('')
  })

  it('gets a token by a socket, too, each time another, all of them good', async () => {
    const visitor = (await lift()).browser()

    const one = tokenOf((await visitor.emit('GET /csrfToken')).body)
    const two = tokenOf((await visitor.get('/csrfToken')).body)

    expect(one).not.toBe(two)
    expect(await visitor.post('/login', { _csrf: one })).toMatchObject({ status: 200 })
    expect(await visitor.post('/login', { _csrf: two })).toMatchObject({ status: 200 })
  })

  it('finds its token where all actions are guarded: the login needs one, too', async () => {
    const files = {
      'api/policies/closed.ts': 'export default (req, res) => res.unauthorized()',
      'api/controllers/login.ts': "export default () => 'in'",
    }
    const statuses = async (policies: object, more: object = {}) => {
      const given = {
        policies: { '*': 'closed', login: true, ...policies },
        security: { csrf: true },
      }
      const app = await liftFiles(files, { ...given, routes: { 'POST /login': 'login', ...more } })
      const visitor = app.browser()
      const { status, body } = await visitor.get('/csrfToken')
      return [status, (await visitor.post('/login', body as object)).status]
    }

    expect(await statuses({})).toEqual([200, 200])
    expect(await statuses({ 'security/*': 'closed' })).toEqual([401, 403])
    expect(await statuses({ 'security/grant-csrf-token': false })).toEqual([403, 403])
    // A route of the app's own is guarded as any other, as in Sails.
    const own = { 'GET /csrfToken': 'security/grant-csrf-token' }
    expect(await statuses({}, own)).toEqual([401, 403])
    expect(await statuses({ 'security/*': true }, own)).toEqual([200, 200])
  })

  it('is not served by the token of another session', async () => {
    const { browser, url } = await lift()
    const [ada, eve] = [browser(), createBrowser(url)]
    await ada.get('/csrfToken')
    const foreign = tokenOf((await eve.get('/csrfToken')).body)

    expect(await ada.post('/login', { _csrf: foreign })).toMatchObject({ status: 403 })
  })

  it('keeps its token through a login that rotates the session', async () => {
    const app = await liftFiles({}, { routes, security: { csrf: true }, session: { user: 'user' } })
    const visitor = app.browser()
    const _csrf = tokenOf((await visitor.get('/csrfToken')).body)
    const before = visitor.cookie()

    await visitor.post('/login', { _csrf })

    expect(visitor.cookie()).not.toBe(before)
    expect(await visitor.post('/login', { _csrf })).toMatchObject({ status: 200 })
  })

  it('needs none where a route says so, or where there is no session', async () => {
    const visitor = (await lift()).browser()

    expect(await visitor.post('/hook')).toMatchObject({ status: 200 })
    expect(await visitor.post('/plain')).toMatchObject({ status: 200 })
  })

  it('shows the token nowhere in the session', async () => {
    const visitor = (
      await liftFiles(
        {},
        {
          security: { csrf: true },
          routes: { 'GET /keys': (req: { session: object }) => Object.keys(req.session) },
        },
      )
    ).browser()
    await visitor.get('/csrfToken')

    expect((await visitor.get('/keys')).body).toEqual(['cookie'])
  })
})

describe('csrf beside a target', () => {
  it.each([
    ['within target', { target: { fn: () => 'done', csrf: true } }],
    [
      'in a chain within target',
      {
        target: [
          { fn: (_q: Request, _s: Response, next: () => void) => next(), csrf: true },
          () => 'done',
        ],
      },
    ],
    ['beside a chain', { target: [[() => 'done']], csrf: true }],
  ])('%s wants a token', async (_where, target) => {
    const visitor = (await liftFiles({}, { routes: { 'POST /done': target } })).browser()

    expect(await visitor.post('/done')).toMatchObject({ status: 403 })
    const { body } = await visitor.get('/csrfToken')
    expect(await visitor.post('/done', body as object)).toMatchObject({ status: 200 })
  })

  it.each([
    ['a text', 'security/grant-csrf-token'],
    ['a text of other letters', 'Security/Grant-CSRF-Token'],
    ['an action', { action: 'security/grant-csrf-token' }],
    ['a controller', { controller: 'security', action: 'grant-csrf-token' }],
    ['a target', { target: 'security/grant-csrf-token' }],
  ])('finds the action of tokens, as %s', async (_kind, target) => {
    const visitor = (await liftFiles({}, { routes: { 'GET /t': target } })).browser()

    expect(await visitor.get('/t')).toMatchObject({
      status: 200,
      body: { _csrf: expect.any(String) },
    })
  })
})
