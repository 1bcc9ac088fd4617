/**
 * The drop-in beside express-session itself: the same visits give the same answers, cookies, errors and
 * records. What is cured here, and so differs, stands in dropin-cures.test.ts and dropin-answers.test.ts.
 */
import { createSecretKey } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import cookieParser from 'cookie-parser'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SessionOptions, session } from '../../src/session/dropin.ts'
import { createBrowser } from './dropin-ground.ts'
import type { TestSession } from './ground.ts'
import { startServer } from './wire.ts'

const theirs: typeof session = createRequire(import.meta.url)('express-session')

type Request = IncomingMessage & {
  session: TestSession
  sessionID: unknown
  sessionStore: { load(id: unknown, done: (error: unknown, found: object) => void): void }
  secret?: string
}
type Act = (req: Request, res: ServerResponse) => unknown

const fieldsOf = ({ session }: Request) => session.cookie as unknown as Record<string, unknown>

const acts: Record<string, Act> = {
  count(req, res) {
    req.session['n'] = Number(req.session['n'] ?? 0) + 1
    res.end(String(req.session['n']))
  },
  show: (req, res) => res.end(JSON.stringify([req.session, req.session.cookie, req.sessionID])),
  'look at': (req, res) => {
    const seen: string[] = []
    for (const key in req.session) seen.push(key)
    const cookie = fieldsOf(req)
    res.end(JSON.stringify([seen, Object.keys(cookie).sort(), cookie['data'], cookie['maxAge']]))
  },
  nothing: (_, res) => res.end(),
  unset(req, res) {
    Object.assign(req, { session: null })
    res.end('unset')
  },
  remove(req, res) {
    Reflect.deleteProperty(req, 'session')
    res.end('removed')
  },
  destroy: (req, res) => req.session.destroy(() => res.end(typeof req.session)),
  'destroy a changed': (req, res) => {
    req.session['n'] = 7
    req.session.destroy(() => res.end())
  },
  save(req, res) {
    req.session['saved'] = true
    req.session.save(() => res.end('saved'))
  },
  touch: (req, res) => res.end(String(Object.is(req.session.touch(), req.session))),
  'reset the age': (req, res) => res.end(String(Object.is(req.session.resetMaxAge(), req.session))),
  reload(req, res) {
    req.session['gone'] = true
    req.session.reload((error?: unknown) => res.end(String(error ?? Object.keys(req.session))))
  },
  load: (req, res) =>
    req.sessionStore.load(req.sessionID, (error, found) =>
      res.end(JSON.stringify([error, found && Object.keys(found)])),
    ),
  'nest a cookie': (req, res) => {
    req.session['user'] = { cookie: Number(Object(req.session['user']).cookie ?? 0) + 1 }
    res.end()
  },
  'set dates and nothings': (req, res) => {
    Object.assign(req.session, { date: new Date(0), none: undefined, nil: null })
    res.end()
  },
  'set what we have methods for'(req, res) {
    Object.assign(req.session, { update: 'daily', rotate: { by: 90 }, flash: ['hello'] })
    res.end()
  },
  'set a wrong age': (req, res) => {
    try {
      fieldsOf(req)['maxAge'] = '5'
    } catch (error) {
      res.end(String(error))
    }
  },
  'take the id away': (req, res) => {
    req.sessionID = () => {}
    res.end()
  },
  'write in parts': (req, res) => {
    req.session['n'] = 1
    res.write('a')
    res.end('b')
  },
  'give a head': (req, res) => {
    req.session['n'] = 1
    res.writeHead(201, 'Made', { 'x-a': '1', 'set-cookie': ['p=1', 'q=2'] }).end('c')
  },
  'set a cookie': (req, res) => {
    req.session['n'] = 1
    res.setHeader('set-cookie', 'p=1').end()
  },
  redirect(req, res) {
    req.session['n'] = 1
    res.writeHead(302, { location: '/' }).end('gone')
  },
  'answer later': (req, res) => {
    setImmediate(() => {
      req.session['n'] = 1
      res.end()
    })
  },
  'answer 204': (_, res) => res.writeHead(204).end(),
  'end twice': (_, res) => res.end('1') && res.end('2'),
  'set after the end': (_, res) => {
    res.end('1')
    expect(() => res.setHeader('a', 'b')).toThrow('after they are sent')
  },
}

const maxAge = 60_000
const lean = { resave: false, saveUninitialized: false }
const options: Record<string, SessionOptions> = {
  'with its defaults': {},
  'that keeps nothing without need': lean,
  'that rolls': { ...lean, rolling: true, cookie: { maxAge } },
  'that rolls for everybody': { ...lean, rolling: true, saveUninitialized: true },
  'with an age': { ...lean, cookie: { maxAge } },
  'with an age as a date': { ...lean, cookie: { maxAge: new Date(4e12) as never } },
  'with an end': { cookie: { expires: new Date(4e12) } },
  'that destroys what is unset': { ...lean, unset: 'destroy' },
  'named by name and key': { name: 'sid', key: 'k' },
  'named by key': { key: 'k' },
  'of another path': { cookie: { path: '/elsewhere' } },
  'behind a proxy': { proxy: true, cookie: { secure: true, sameSite: 'auto' } },
  'that is told not to trust one': { proxy: false, cookie: { secure: 'auto', sameSite: 'auto' } },
  'with every attribute': {
    cookie: { httpOnly: false, domain: 'a.b', sameSite: true, priority: 'high', partitioned: true },
  },
  'with words in capitals': { cookie: { sameSite: 'NONE' as never, priority: 'LOW' as never } },
  'with attributes nobody knows': { cookie: { color: 'blue', maxAge } as never },
  'with a cookie by request': { ...lean, cookie: () => ({ maxAge, path: '/' }) },
  'with a wrong sameSite': { cookie: { sameSite: 'x' as never } },
  'with a wrong domain': { cookie: { domain: 'a;b' } },
  'with several secrets': { secret: ['new', 'cat'] },
  'with a secret of bytes': { secret: Buffer.from('cat') as never },
  'with a secret that is a key': { secret: createSecretKey(Buffer.from('cat')) as never },
  'without a secret': { secret: undefined as never },
}

/** Plays visits of one browser; `trick` goes before the session. */
async function play(
  make: typeof session,
  given: SessionOptions,
  visits: readonly string[],
  trick: (req: Request, res: ServerResponse) => void = () => {},
) {
  let made = 0
  const store = new make.MemoryStore()
  const genid = () => `id${++made}`
  const middleware = make({ secret: 'cat', genid, store, ...given } as SessionOptions)
  const errors: string[] = []
  const server = await startServer((req, res) => {
    trick(req as Request, res)
    middleware(req as never, res, (error) => {
      if (error) errors.push(String(error))
      if (error && !res.headersSent) res.writeHead(500).end('failed')
      if (error) return
      const act = acts[decodeURIComponent(String(req.url).slice(1))]
      if ('session' in req && req.session) act?.(req as Request, res)
      else res.end('no session')
    })
  })
  const visit = createBrowser(server.url)
  const seen: unknown[] = []
  for (const name of visits) {
    const { status, body, lines, headers } = await visit(`/${name}`, {
      'x-forwarded-proto': 'https',
    })
    await new Promise(setImmediate)
    seen.push([name, status, body, lines, headers.get('location'), errors.splice(0)])
  }
  return { seen, stored: { ...store.sessions } }
}

describe('the drop-in beside express-session', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-01-01') })
    vi.stubEnv('NO_DEPRECATION', 'express-session')
    vi.spyOn(console, 'warn').mockImplementation(() => {})
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  const cases = Object.keys(options).flatMap((name) => [
    { name, first: 'of a stranger', before: [] },
    { name, first: 'of who is known', before: ['count'] },
  ])

  it.each(cases)('is the same at each visit $first: a session $name', async ({ name, before }) => {
    const given = options[name] ?? {}
    const scripts = Object.keys(acts).map((act) => [...before, act, 'show'])
    const playAll = (make: typeof session) =>
      Promise.all(scripts.map((visits) => play(make, given, visits)))

    expect(await playAll(session)).toEqual(await playAll(theirs))
  })

  const parse = (req: Request, res: ServerResponse) => {
    cookieParser('cat')(req as never, res as never, () => {})
    Reflect.deleteProperty(req.headers, 'cookie')
  }
  const rough = (req: Request, res: ServerResponse) => {
    cookieParser()(req as never, res as never, () => {})
    req.headers.cookie = 'other=1'
  }
  const tricks: [string, SessionOptions, (req: Request, res: ServerResponse) => void][] = [
    [
      'the request brings the secret',
      { secret: undefined as never },
      (req) => Object.assign(req, { secret: 'cat' }),
    ],
    ['only cookie-parser has the cookie, signed', {}, parse],
    ['only cookie-parser has the cookie, as it came', {}, rough],
    ['there is a session already', {}, (req) => Object.assign(req, { session: {} })],
  ]

  it.each(tricks)('is the same where %s', async (_, given, trick) => {
    const visits = ['count', 'count', 'show']

    expect(await play(session, given, visits, trick)).toEqual(
      await play(theirs, given, visits, trick),
    )
  })
})
