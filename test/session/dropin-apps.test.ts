/** The drop-in in every kind of app it takes express-session's place in, and its warnings there. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { session } from '../../src/session/dropin.ts'
import { createBrowser } from './dropin-ground.ts'
import { startServer } from './wire.ts'

const require = createRequire(import.meta.url)
const run = promisify(execFile)
const options = { secret: 'keyboard cat', resave: false, saveUninitialized: false }

type Middleware = (req: never, res: never, next: (error?: unknown) => void) => unknown
interface App {
  (req: unknown, res: unknown): unknown
  use(...given: unknown[]): App
}

/** Logs in by a redirect, tells who it is, logs out; a sub-app and an error are there too. */
function build(create: () => App): App {
  const routes: Record<string, (req: { session: Record<string, unknown> }, res: never) => unknown> =
    {
      '/login': (req, res: { writeHead(status: number, headers: object): { end(): void } }) => {
        req.session['userId'] = 'ada'
        res.writeHead(302, { Location: '/me' }).end()
      },
      '/me': (req, res: { end(text: string): void }) => res.end(String(req.session['userId'])),
      '/out': (req, res: { end(text: string): void }) => {
        const destroy = req.session['destroy'] as (done: () => void) => void
        destroy.call(req.session, () => res.end('out'))
      },
      '/fail': () => {
        throw new Error('mine')
      },
    }
  const act: Middleware = (req, res, next) => {
    const { url, originalUrl = url } = req as { url: string; originalUrl?: string }
    const route = routes[originalUrl.replace('/sub', '')]
    return route ? route(req, res) : next()
  }
  return create()
    .use(session(options))
    .use('/sub', create().use(act))
    .use(act)
    .use(
      (
        error: Error,
        _req: unknown,
        res: { statusCode: number; end(text: string): void },
        _: unknown,
      ) => {
        res.statusCode = 500
        res.end(error.message)
      },
    )
}

describe.each([
  ['Express 5', () => require('express')() as App],
  ['Express 4', () => require('express-4')() as App],
  ['Connect', () => require('connect')() as App],
])('the drop-in in %s', (_, create) => {
  it('keeps a login from redirect to logout, in sub-apps too, and lets errors pass', async () => {
    const { url } = await startServer(build(create) as never)
    const ask = createBrowser(url)

    const login = await ask('/login')
    const pages = [await ask('/me'), await ask('/sub/me'), await ask('/fail'), await ask('/out')]
    const after = await ask('/me')

    expect([login.status, login.lines.length]).toEqual([302, 1])
    expect(pages.map(({ body }) => body)).toEqual(['ada', 'ada', 'mine', 'out'])
    expect(after.body).toBe('undefined')
  })
})

describe('the drop-in in plain node:http', () => {
  it('is a function of three', async () => {
    const open = session(options)
    const { url } = await startServer((req, res) =>
      open(req, res, () => {
        const { session: own } = req as unknown as { session: { n?: number } }
        own.n = (own.n ?? 0) + 1
        res.end(String(own.n))
      }),
    )
    const ask = createBrowser(url)

    expect([(await ask()).body, (await ask()).body]).toEqual(['1', '2'])
  })
})

/** What a process says that makes a session() without options. */
async function said(env: Record<string, string>, before = '') {
  const file = new URL('../../src/session/dropin.ts', import.meta.url).href
  const script = `import { session } from '${file}'; ${before}; session(); session({ secret: 'x', resave: false, saveUninitialized: true })`
  const given = ['--conditions=@catamaran/source', '--input-type=module', '-e', script]
  const { stderr } = await run(process.execPath, given, { env: { PATH: '', ...env } })
  return stderr.split('\n').filter(Boolean)
}

describe('the drop-in’s warnings', () => {
  it('are those of express-session, each with its place', async () => {
    const lines = await said({})

    expect(lines).toHaveLength(3)
    for (const words of [
      'undefined resave option; provide resave option',
      'undefined saveUninitialized option; provide saveUninitialized option',
      'req.secret; provide secret option',
    ]) {
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`express-session deprecated ${words} at .+:1:\\d+$`)),
      )
    }
  })

  it('are silenced as there', async () => {
    expect(await said({ NO_DEPRECATION: 'express-session' })).toEqual([])
  })

  it('tell of memory in production, as it was when the drop-in was loaded', async () => {
    const quiet = { NO_DEPRECATION: 'express-session' }

    expect((await said({ ...quiet, NODE_ENV: 'production' })).join(' ')).toContain('MemoryStore')
    expect(await said(quiet, "process.env.NODE_ENV = 'production'")).toEqual([])
  })

  it('leave nothing that keeps the process from its end', async () => {
    const started = performance.now()
    await said({ NO_DEPRECATION: 'express-session' })

    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
