/**
 * How the cases of sess are played: an app whose pages each do one thing to the session, visited in order by
 * one browser, behind the `sess` that is to be tried.
 */
import type { SessMiddleware, SessOptions } from '../../src/compat/sess.ts'
import type { Page } from '../session/dropin-ground.ts'
import { memoryCollection, rowOf } from '../session/stores/modeler-ground.ts'
import { type Act, count, idsOf, type SessRequest, startSess } from './sess-ground.ts'

/** `sess` of either make. */
export type Sess = (options?: SessOptions) => SessMiddleware

/** Something to be seen of `sess`. */
export interface SessCase {
  readonly does: string
  play(make: Sess): Promise<unknown>
  readonly gives: unknown
  /** What sess 0.1.4 gives, where ours is another on purpose. */
  readonly once?: unknown
}

/** Changes the session, and answers nothing. */
export function change({ session }: SessRequest): void {
  session['views'] = Number(session['views'] ?? 0) + 1
}

/** What the pages of the app do. */
const pages: Readonly<Record<string, Act>> = {
  '/read': (_, res) => res.end(),
  '/id': ({ sessionID }, res) => res.end(sessionID),
  '/count': count,
  '/write': (req, res) => {
    change(req)
    res.write('a')
    res.end('b')
  },
  '/head': (req, res) => {
    change(req)
    res.writeHead(200)
    res.end()
  },
  '/redirect': (req, res) => {
    change(req)
    res.writeHead(302, { Location: '/' })
    res.end()
  },
  '/late': (req, res) => {
    res.write('a')
    setImmediate(() => {
      change(req)
      res.end('b')
    })
  },
  '/save': (req, res) => {
    change(req)
    req.session.save(() => res.end())
  },
  '/touch': ({ session }, res) => {
    session.touch()
    res.end()
  },
  '/destroy': (req, res) => {
    req.session.destroy(() => res.end(`${req.session} ${req.sessionID}`))
  },
  '/regenerate': (req, res) => {
    req.session.regenerate(() => res.end(req.sessionID))
  },
  '/regenerate-count': (req, res) => {
    req.session.regenerate(() => count(req, res))
  },
  '/null': (req, res) => {
    change(req)
    Reflect.set(req, 'session', null)
    res.end()
  },
  '/delete': (req, res) => {
    change(req)
    Reflect.deleteProperty(req, 'session')
    res.end()
  },
  '/same': ({ session }, res) => {
    const { views } = session
    session['views'] = 0
    session['views'] = views
    res.end()
  },
  '/own-cookie': (req, res) => {
    change(req)
    res.setHeader('Set-Cookie', 'a=b')
    res.end()
  },
}

/** The pages of the app in this order, by one browser. */
export async function tour(middleware: SessMiddleware, paths: readonly string[]): Promise<Page[]> {
  const page: Act = (req, res) => (pages[req.url?.split('?')[0] ?? ''] ?? count)(req, res)
  const visitor = (await startSess(page, middleware)).browser()
  const seen: Page[] = []
  for (const path of paths) seen.push(await visitor(path))
  return seen
}

/** How many cookies each page sends. */
export function cookies(options: SessOptions, ...paths: string[]): SessCase['play'] {
  return async (make) => (await tour(make(options), paths)).map(({ lines }) => lines.length)
}

/** What each page says. */
export function bodies(options: SessOptions, ...paths: string[]): SessCase['play'] {
  return async (make) => (await tour(make(options), paths)).map(({ body }) => body)
}

/** The line of the last page, without the id; nothing but the id is left open. */
export function line(options: SessOptions, path = '/count'): SessCase['play'] {
  return async (make) => {
    const [page] = await tour(make(options), [path])
    return page?.lines.map((said) => said.replace(/=[0-9A-Za-z]{32}(?=;|$)/, '=ID'))
  }
}

/** What the pages leave in a collection, without ids and times. */
export function rows(options: SessOptions, ...paths: string[]): SessCase['play'] {
  return async (make) => {
    const sessions = memoryCollection()
    await tour(make({ ...options, sessions }), paths)
    const left = await Promise.all((await idsOf(sessions)).map((id) => rowOf(sessions, id)))
    return left.map((row) => {
      const { id: _, created: __, updated: ___, ...rest } = row ?? { id: '' }
      return rest
    })
  }
}

/** What `act` makes of a visit after one that counted. */
export function after(act: Act, options: SessOptions = {}): SessCase['play'] {
  return async (make) => {
    const { browser } = await startSess(
      (req, res) => (req.url === '/first' ? count(req, res) : act(req, res)),
      make(options),
    )
    const visitor = browser()
    await visitor('/first')
    return (await visitor()).body
  }
}

/** What `act` says at a first visit. */
export function first(act: Act, options: SessOptions = {}): SessCase['play'] {
  return async (make) => (await (await startSess(act, make(options))).browser()()).body
}
