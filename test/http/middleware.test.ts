import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'

type Next = (error?: unknown) => void
type Trail = IncomingMessage & { readonly cookies?: unknown; readonly body?: unknown }

/** Says what had run before it. */
function seen(req: Trail) {
  return {
    id: 'id' in req,
    cookies: req.cookies !== undefined,
    session: 'session' in req,
    body: req.body !== undefined,
  }
}

const files = {
  'assets/hello.txt': 'from the file',
  'api/controllers/look.js': `export default (req) => req.seen ?? {
    id: 'id' in req,
    cookies: req.cookies !== undefined,
    session: 'session' in req,
    body: req.body !== undefined,
  }`,
}
const routes = { 'POST /look': 'look', 'GET /hello.txt': () => 'from the route' }

/** Whether an action is given a session. */
function hasSession(req: { readonly session?: unknown }): boolean {
  return req.session !== undefined
}

function look(req: Trail, _res: ServerResponse, next: Next): void {
  Object.assign(req, { seen: seen(req) })
  next()
}

describe('the middleware of the HTTP door', () => {
  it('runs in the order that is promised', async () => {
    const app = await liftFiles(files, { routes })

    const { body } = await app.browser().post('/look', {})
    const file = await app.browser().get('/hello.txt')

    expect(body).toEqual({ id: true, cookies: true, session: true, body: true })
    expect(file.body).toBe('from the file')
  })

  it('runs in the order of the app', async () => {
    const order = ['requestId', 'cookies', 'session', 'body', 'router', 'static']
    const app = await liftFiles(files, { routes, http: { middleware: { order } } })

    const { body } = await app.browser().get('/hello.txt')

    expect(body).toBe('from the route')
  })

  it('runs a function of the app where the order names it', async () => {
    const order = ['requestId', 'cookies', 'look', 'session', 'body', 'router']
    const app = await liftFiles(files, { routes, http: { middleware: { order, look } } })

    const { body } = await app.browser().post('/look', {})

    expect(body).toEqual({ id: true, cookies: true, session: false, body: false })
  })

  it('does without a built-in that is left out', async () => {
    const order = ['session', 'router']
    const app = await liftFiles(files, { routes, http: { middleware: { order } } })

    const { body, headers } = await app.browser().post('/look', {})

    expect(body).toEqual({ id: false, cookies: false, session: true, body: false })
    expect(headers.has('x-request-id')).toBe(false)
    expect(headers.has('content-security-policy')).toBe(false)
  })

  it('lets the app replace a built-in', async () => {
    const body = (req: Trail, _res: ServerResponse, next: Next) => {
      Object.assign(req, { body: 'mine' })
      next()
    }
    const app = await liftFiles(files, {
      routes: { 'POST /body': (req: Trail) => ({ body: req.body }) },
      http: { middleware: { body } },
    })

    const answer = await app.browser().post('/body', { theirs: true })

    expect(answer.body).toEqual({ body: 'mine' })
  })

  it('goes by the names Sails gives it', async () => {
    const order = ['cookieParser', 'session', 'bodyParser', 'compress', 'poweredBy', 'router']
    const app = await liftFiles(files, {
      routes,
      http: { middleware: { order: [...order, 'www', 'favicon'] } },
    })

    const { body, headers } = await app.browser().post('/look', {})
    const file = await app.browser().get('/hello.txt')

    expect(body).toEqual({ id: false, cookies: true, session: true, body: true })
    expect(file.body).toBe('from the route')
    expect(headers.has('x-powered-by')).toBe(false)
  })

  it.each(['404', 'notFound'])('lets the app replace the last word: %s', async (name) => {
    const nobody = (_req: unknown, res: ServerResponse) => {
      res.statusCode = 404
      res.end('nobody home')
    }
    const app = await liftFiles(files, { http: { middleware: { [name]: nobody } } })

    const answer = await app.browser().get('/nowhere')

    expect(answer).toMatchObject({ status: 404, body: 'nobody home' })
  })

  it('finds the route anew where a function of the app has changed the verb', async () => {
    const override = (req: Trail, _res: unknown, next: Next) => {
      req.method = /_method=(\w+)/.exec(req.url ?? '')?.[1] ?? req.method
      next()
    }
    const order = ['cookies', 'session', 'body', 'override', 'router']
    const more = {
      'config/routes.mjs': `export default { 'POST /it': () => 'posted', 'PUT /it': () => 'put' }`,
    }
    const http = { middleware: { order, override } }
    const app = await liftFiles(more, { http })

    const [put, posted] = await Promise.all(
      ['/it?_method=PUT', '/it'].map((path) => app.browser().post(path, {})),
    )

    expect([put?.body, posted?.body]).toEqual(['put', 'posted'])
  })

  it('answers what a function of the app throws or rejects with', async () => {
    const order = ['thrower', 'rejecter', 'router']
    const thrower = (req: Trail, _res: unknown, next: Next) => {
      if (req.url === '/throw') throw Object.assign(new Error('thrown'), { status: 418 })
      next()
    }
    const rejecter = async (req: Trail, _res: unknown, next: Next) => {
      if (req.url === '/reject') throw Object.assign(new Error('rejected'), { status: 418 })
      next()
    }
    const http = { middleware: { order, thrower, rejecter } }
    const app = await liftFiles(files, { http })

    const answers = await Promise.all(['/throw', '/reject'].map((path) => app.browser().get(path)))

    expect(answers).toMatchObject([
      { status: 418, body: { message: 'thrown' } },
      { status: 418, body: { message: 'rejected' } },
    ])
  })

  it('keeps what one app replaced from the others', async () => {
    const requestId = (_req: unknown, res: ServerResponse, next: Next) => {
      res.setHeader('X-Request-Id', 'mine')
      next()
    }
    const one = await liftFiles(files, { http: { middleware: { requestId } } })
    const two = await liftFiles(files)

    const answers = await Promise.all([one, two].map((app) => app.browser().get('/hello.txt')))

    expect(answers[0]?.headers.get('x-request-id')).toBe('mine')
    expect(answers[1]?.headers.get('x-request-id')).not.toBe('mine')
  })

  it('opens no session where the app says so, on either door', async () => {
    const app = await liftFiles(files, {
      routes: { 'GET /on': hasSession, 'GET /off': hasSession },
      session: { isSessionDisabled: ({ path }: { path: string }) => path === '/off' },
    })
    const visitor = app.browser()

    const off = [(await visitor.get('/off')).body, (await visitor.emit('GET /off')).body]
    const on = [(await visitor.get('/on')).body, (await visitor.emit('GET /on')).body]

    expect(off).toEqual([false, false])
    expect(on).toEqual([true, true])
  })
})
