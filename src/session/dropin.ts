/**
 * `session()`: takes the place of express-session in any Express, Connect or node:http app, on the engine
 * that serves our own apps. dropin-*.ts are its parts.
 */
import type { ServerResponse } from 'node:http'
import depd from 'depd'
import { createId } from './cookie.ts'
import { createDropInEngines, type DropInEngine } from './dropin-engine.ts'
import { checkOptions, type SessionOptions } from './dropin-options.ts'
import { attributesFor, type DropInRequest, isUnder } from './dropin-request.ts'
import { commitFirst, isUpgrade } from './dropin-upgrade.ts'
import { hold, type SessionMiddleware } from './express.ts'
import { BaseSession, Cookie, Store } from './express-session.ts'
import { isHeld } from './hold.ts'
import type { Session as OwnSession } from './session.ts'
import type { Sessions } from './sessions.ts'
import type { ConnectStore } from './stores/connect-calls.ts'
import { MemoryStore, type MemoryStoreConstructor } from './stores/memory-store.ts'
import type { Visit } from './visit.ts'

export type { CookieOptions, SessionOptions } from './dropin-options.ts'

/** express-session's session, of which `req.session` is one. */
export const Session: typeof BaseSession = BaseSession
/** What `req.session` is: express-session's, with what ours can do beside. */
export type Session = OwnSession
export { Cookie, MemoryStore, Store }

// Under express-session's name, so that what silences its warnings silences ours.
const deprecate = depd('express-session')
/** As it was when this was loaded, as there. */
const isProduction = process.env['NODE_ENV'] === 'production'
const memoryWarning =
  'Warning: connect.session() MemoryStore keeps sessions\nin one process only: a restart ends them,\nand no other process knows them.'

/** Milliseconds that whoever is told of a failed commit has to answer in its place. */
const unansweredFor = 2_000

/** Where a request keeps its visit, for stores that are asked to `generate`. */
const visitKey = Symbol('catamaran.visit')

type OpenRequest = DropInRequest & { [visitKey]?: { sessions: Sessions; visit: Visit } }
type Next = (error?: unknown) => void

/** The store as express-session sees it: with events, and with a `generate` put on it. */
type MountedStore = ConnectStore & {
  on?(event: string, listener: () => void): unknown
  generate?(request: DropInRequest): void
}

/**
 * Makes the middleware that gives each request its session, as express-session does.
 *
 * @throws {TypeError} for options that can't work, in express-session's words
 */
function createMiddleware(given: SessionOptions = {}): SessionMiddleware {
  checkOptions(given)
  const { genid } = given
  // There, null and false say nothing.
  const cookie = given.cookie || {}
  const store = (given.store || new MemoryStore()) as MountedStore
  warnOf(given, store)
  const engineFor = createDropInEngines(given, store, { deprecate })
  const isReady = watch(store)
  store.generate = (request) => generate(request, { genid, cookie })

  return (req, res, next) => {
    const request = req as DropInRequest
    if (request.session || isHeld(res) || !isReady()) return next()
    const { path } = typeof cookie === 'function' ? cookie(req) : cookie
    if (!isUnder(path || '/', request)) return next()
    const engine = engineFor(request)
    if (!engine) return next(new Error('secret option required for sessions'))
    request.sessionStore = store
    open(engine, request, { res, next })
  }
}

interface Answer {
  readonly res: ServerResponse
  readonly next: Next
}

function open({ sessions, idsOf }: DropInEngine, request: DropInRequest, answer: Answer): void {
  const opened = sessions.open(request as never, idsOf(request))
  if (opened instanceof Promise) {
    opened.then(
      (visit) => serve(sessions, visit, answer),
      (error: unknown) => refuse(answer, withCode(error, 'statusCode')),
    )
  } else serve(sessions, opened, answer)
}

/** The session could not be read: whoever answers says when to come back. */
function refuse({ res, next }: Answer, error: unknown): void {
  const { status, statusCode } = Object(error)
  // A handshake's answer may be none.
  if ((status ?? statusCode) === 503 && !res.headersSent) res.setHeader?.('Retry-After', '2')
  next(error)
}

function serve(sessions: Sessions, visit: Visit, { res, next }: Answer): void {
  const request = visit.request as unknown as OpenRequest
  request[visitKey] = { sessions, visit }
  const failed = (error: unknown) => next(withCode(withCode(error, 'status'), 'statusCode'))
  if (isUpgrade(request, res)) {
    commitFirst(sessions, visit, res).then(() => next(), failed)
    return
  }
  hold(sessions, {
    visit,
    res,
    next(error) {
      failed(error)
      answerBare(res)
    },
  })
  next()
}

/** Where `next` counts only once, as in chains of promises, nobody hears of an error after the action. */
function answerBare(res: ServerResponse): void {
  setTimeout(() => {
    if (!res.headersSent) res.end()
  }, unansweredFor).unref()
}

/** Lets an error of somebody's store answer 503, unless it says otherwise. */
function withCode(error: unknown, field: 'status' | 'statusCode'): unknown {
  if (Object.isExtensible(error) && !(field in Object(error))) {
    Object.defineProperty(error, field, { value: 503, writable: true, configurable: true })
  }
  return error
}

/** Puts a new session on a request, for a store that was asked to regenerate one. */
function generate(request: OpenRequest, { genid, cookie = {} }: SessionOptions): void {
  const opened = request[visitKey]
  if (opened) {
    opened.sessions.restart(opened.visit)
    return
  }
  const bare = request as unknown as { sessionID: string; session: object }
  bare.sessionID = genid ? genid(request) : createId()
  const attributes = typeof cookie === 'function' ? cookie(request) : cookie
  const made = new BaseSession(request)
  made.cookie = new Cookie(attributesFor(attributes, () => request.secure === true))
  bare.session = made
}

/** Requests pass without a session while the store says that it is disconnected. */
function watch(store: MountedStore): () => boolean {
  let ready = true
  store.on?.('disconnect', () => {
    ready = false
  })
  store.on?.('connect', () => {
    ready = true
  })
  return () => ready
}

function warnOf({ resave, saveUninitialized, secret }: SessionOptions, store: object): void {
  if (resave === undefined) deprecate('undefined resave option; provide resave option')
  if (saveUninitialized === undefined) {
    deprecate('undefined saveUninitialized option; provide saveUninitialized option')
  }
  if (!secret) deprecate('req.secret; provide secret option')
  if (isProduction && store instanceof MemoryStore) console.warn(memoryWarning)
}

/** express-session's function, with its constructors on it. */
export interface SessionFunction {
  (options?: SessionOptions): SessionMiddleware
  readonly Store: typeof Store
  readonly Cookie: typeof Cookie
  readonly Session: typeof BaseSession
  readonly MemoryStore: MemoryStoreConstructor
}

/** The drop-in for express-session. */
export const session: SessionFunction = Object.assign(
  function session(options?: SessionOptions): SessionMiddleware {
    return createMiddleware(options)
  },
  { Store, Cookie, Session, MemoryStore },
)
