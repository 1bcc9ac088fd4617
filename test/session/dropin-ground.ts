/**
 * The drop-in under a plain node:http server, and a browser that keeps its cookies.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type SessionOptions, session } from '../../src/session/dropin.ts'
import type { TestSession } from './ground.ts'
import { type HeldServer, startServer } from './wire.ts'

/** A request with its session, as an action of somebody's app sees it. */
export type AppRequest = IncomingMessage & {
  session: TestSession
  sessionID: string
  sessionStore: object
  secret?: string
  secure?: boolean
}

export type Act = (req: AppRequest, res: ServerResponse, next: (error: Error) => void) => unknown

export interface DropInApp extends HeldServer {
  /** What was given to `next`, as an app's error handlers see it. */
  readonly errors: unknown[]
  browser(): DropInBrowser
}

/** Serves `act` behind `session(options)`; `before` runs first. */
export async function startDropIn(
  act: Act,
  { before, ...options }: SessionOptions & { before?: (req: AppRequest) => void } = {},
): Promise<DropInApp> {
  const usual = { secret: 'keyboard cat', resave: false, saveUninitialized: false }
  const middleware = session({ ...usual, ...options })
  const errors: unknown[] = []
  const server = await startServer((req, res) => {
    before?.(req as AppRequest)
    const failed = (error: unknown) => {
      errors.push(error)
      if (res.headersSent) return
      res.statusCode = Number(Reflect.get(Object(error), 'status') ?? 500)
      res.end(String(Reflect.get(Object(error), 'message')))
    }
    middleware(req, res, (error) => (error ? failed(error) : act(req as AppRequest, res, failed)))
  })
  return { ...server, errors, browser: () => createBrowser(server.url) }
}

export interface Page {
  readonly status: number
  readonly body: string
  readonly headers: Headers
  /** All `Set-Cookie` lines. */
  readonly lines: string[]
}

export interface DropInBrowser {
  (path?: string, headers?: Record<string, string>): Promise<Page>
  /** The cookie header it sends; may be set. */
  cookie: string
}

/** Follows no redirect. */
export function createBrowser(url: string): DropInBrowser {
  const visit = async (path = '/', headers: Record<string, string> = {}): Promise<Page> => {
    const sent = browser.cookie ? { cookie: browser.cookie, ...headers } : headers
    const answer = await fetch(url + path, { headers: sent, redirect: 'manual' })
    const lines = answer.headers.getSetCookie()
    if (lines.length > 0) browser.cookie = lines.map((line) => line.split(';')[0]).join('; ')
    return { status: answer.status, body: await answer.text(), headers: answer.headers, lines }
  }
  const browser: DropInBrowser = Object.assign(visit, { cookie: '' })
  return browser
}

/** Counts views in the session, and says how many there were. */
export const count: Act = (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1
  res.end(String(req.session.views))
}
