import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { sessionMiddleware } from '../../src/session/express.ts'
import { createGround, type Ground, type GroundOptions, type TestRequest } from './ground.ts'
import { startServer } from './wire.ts'
import { compress } from './zip.ts'

type Act = (req: TestRequest, res: express.Response) => unknown

const down = () => Object.assign(new Error('no store'), { status: 503 })

/** An Express app with sessions, and a browser that keeps its cookie. */
async function startApp(act: Act, options: GroundOptions & { before?: RequestHandler } = {}) {
  const { before, ...settings } = options
  const ground = createGround(settings)
  const errors: Error[] = []
  const app = express()
  if (before) app.use(before)
  app.use(sessionMiddleware(ground.sessions, (req) => req.url === '/free') as RequestHandler)
  app.use((req, res) => act(req as never, res))
  app.use(((error, _req, res, next) => {
    errors.push(error)
    if (res.headersSent) return next(error)
    return res.status(error.status ?? 500).json({ message: error.message })
  }) satisfies ErrorRequestHandler)
  const server = await startServer(app)
  return { ground, errors, ...server, browser: createBrowser(server.url) }
}

function createBrowser(url: string) {
  let cookie = ''
  return async (path = '/') => {
    const answer = await fetch(url + path, { headers: { Cookie: cookie }, redirect: 'manual' })
    const lines = answer.headers.getSetCookie()
    const own = lines.find((line) => line.startsWith('sid='))
    if (own) cookie = own.split(';')[0] ?? ''
    return { status: answer.status, lines, body: await answer.text() }
  }
}

const failing = ({ store }: Ground, verb: string) =>
  store.before((called) => {
    if (called === verb) throw down()
  })

describe('the session middleware', () => {
  it('P3: keeps what is changed right after the answer, as Connect’s counter does', async () => {
    const { browser } = await startApp((req, res) => {
      res.end(`views: ${req.session.views ?? 0}`)
      req.session.views = (req.session.views ?? 0) + 1
    })

    const bodies = [await browser(), await browser(), await browser()]

    expect(bodies.map(({ body }) => body)).toEqual(['views: 0', 'views: 1', 'views: 2'])
  })

  it('P3: has stored a login before its redirect can be followed', async () => {
    const { browser, ground } = await startApp((req, res) => {
      if (req.url === '/') return res.send(String(req.session['userId']))
      req.session['userId'] = 'ada'
      return res.redirect('/')
    })
    const stored: number[] = []
    ground.store.before(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
    })

    const login = await browser('/login')
    stored.push(await ground.store.count())

    expect([login.status, stored]).toEqual([302, [1]])
    expect((await browser('/')).body).toBe('ada')
  })

  it('P3: answers 503 and no cookie where nothing was stored', async () => {
    const { browser, ground, errors } = await startApp((req, res) => {
      req.session['userId'] = 'ada'
      res.cookie('theme', 'dark').json({ ok: true })
    })
    failing(ground, 'create')

    const { status, lines, body } = await browser()

    expect([status, body]).toEqual([503, '{"message":"no store"}'])
    expect(lines).toEqual(['theme=dark; Path=/'])
    expect(errors).toHaveLength(1)
  })

  it('P3: answers 503 where a session could not be read', async () => {
    const { browser, ground } = await startApp((req, res) => {
      req.session['userId'] = 'ada'
      res.end('ok')
    })
    await browser()
    failing(ground, 'read')

    expect((await browser()).status).toBe(503)
  })

  it('P14: answers 500 for what no session can keep', async () => {
    const { browser } = await startApp((req, res) => {
      req.session['big'] = 1n
      res.json({ ok: true })
    })

    const { status, body } = await browser()

    expect(status).toBe(500)
    expect(body).toContain('session.big')
  })

  it('P3: logs no late change of its own after an answer that failed', async () => {
    const { browser, ground } = await startApp((req, res) => {
      req.session['userId'] = 'ada'
      res.end('ok')
    })
    failing(ground, 'create')

    await browser()

    expect(ground.told.warned).toEqual([])
  })

  it('P3: logs a change that comes after a stream has begun', async () => {
    const { browser, ground } = await startApp((req, res) => {
      req.session['early'] = 1
      res.write('a')
      setTimeout(() => {
        req.session['late'] = 1
        res.end('b')
      }, 5)
    })

    const { body, lines } = await browser('/stream?secret=1')

    expect(body).toBe('ab')
    expect(lines).toHaveLength(1)
    expect(ground.told.warned).toEqual([expect.stringMatching(/^E_SESSION_SEALED .*: \/stream\. /)])
  })

  it('keeps the answer of a touch that failed, and gives the error to the handlers after it', async () => {
    // More than a connection takes at once.
    const page = Buffer.alloc(12_000_000, 'x')
    const { browser, ground, errors } = await startApp((req, res) => {
      if (req.url === '/') req.session['userId'] = 'ada'
      else req.session.touch()
      res.end(req.url === '/' ? '' : page)
    })
    await browser()
    failing(ground, 'touch')

    const { status, body } = await browser('/touch')

    expect([status, body.length]).toEqual([200, page.length])
    expect(errors).toEqual([down()])
  })

  it('P1: leaves alone what it skips', async () => {
    const { browser, ground } = await startApp((req, res) => {
      res.json({ session: req.session === undefined })
    })

    const { body } = await browser('/free')

    expect(body).toBe('{"session":true}')
    expect(ground.store.calls()).toEqual([])
  })

  it('serves once when it is mounted twice', async () => {
    const ground = createGround()
    const app = express()
    const sessions = sessionMiddleware(ground.sessions, () => false) as RequestHandler
    app.use(sessions, sessions, (req, res) => {
      Object.assign(req.session, { a: 1 })
      res.end('ok')
    })
    const { ask } = await startServer(app)

    const { headers, body } = await ask()

    expect(body).toBe('ok')
    expect(headers.getSetCookie()).toHaveLength(1)
    expect(ground.store.calls()).toEqual(['create'])
  })

  it.each(['/plain', '/sub/app'])('serves behind compression and in sub-apps: %s', async (path) => {
    const sub = express()
    sub.get('/app', (_req, res) => void res.send('x'.repeat(10_000)))
    const { browser } = await startApp(
      (req, res) => {
        req.session['a'] = 1
        if (path === '/plain') res.send('x'.repeat(10_000))
        else {
          const parent = express().use('/sub', sub)
          parent(req as never, res)
        }
      },
      {
        before(_req, res, next) {
          compress(res)
          next()
        },
      },
    )

    const { status, body, lines } = await browser(path)

    expect([status, body.length, lines.length]).toEqual([200, 10_000, 1])
  })

  it('works in plain node:http', async () => {
    const ground = createGround()
    const open = sessionMiddleware(ground.sessions, () => false)
    const server = await startServer((req, res) =>
      open(req, res, (error) => {
        Object.assign(Reflect.get(req, 'session'), { a: 1 })
        res.end(error ? 'failed' : 'ok')
      }),
    )

    const { headers, body } = await server.ask()

    expect([body, headers.getSetCookie().length]).toEqual(['ok', 1])
  })

  it('P2: tells the sockets of a replaced id only after the answer', async () => {
    const { browser, ground } = await startApp(async (req, res) => {
      if (req.url === '/login') req.session['userId'] = 'ada'
      if (req.url === '/again') {
        await req.session.regenerate()
        req.session['userId'] = 'bob'
        expect(ground.told.ended).toEqual([])
      }
      res.end('ok')
    })
    await browser('/login')

    await browser('/again')

    expect(ground.told.ended).toMatchObject([{ reason: 'regenerated', reconnect: true }])
  })

  it('P16: tells them of an id that has ended also when the answer fails', async () => {
    const { browser, ground } = await startApp(async (req, res) => {
      if (req.url === '/again') await req.session.regenerate()
      req.session['userId'] = 'ada'
      res.end('ok')
    })
    await browser('/login')
    failing(ground, 'create')

    const { status } = await browser('/again')

    expect(status).toBe(503)
    expect(ground.told.ended).toMatchObject([{ reason: 'regenerated' }])
  })
})
