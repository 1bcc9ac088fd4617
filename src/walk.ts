/**
 * The walk, the file to read first: what happens between a request and its answer, the same over HTTP and
 * over a socket. The doors bring `req` and `res` with the session already open, and hold the answer until
 * the session is committed; here the route is found, its policies and its action run, and what the action
 * returns, or throws, becomes the answer.
 *
 *   HTTP request ─ http/door.ts ────┐
 *                                   ├─ session.open → route → policies → action → commit → answer
 *   socket event ─ sockets/door.ts ─┘
 */
import type { NextFunction, Request, Response } from 'express'
import { CatamaranError } from './errors.ts'
import type { AnswerError } from './routing/failures.ts'
import { isAnswer, isThenable } from './routing/handler.ts'
import type { Hint } from './routing/hints.ts'
import type { Route, RouteMatch, Router } from './routing/routes.ts'
import { sendValue } from './routing/values.ts'

export interface WalkOptions {
  readonly router: Router
  readonly answerError: AnswerError
  /** Told of every error that is answered with 500 or above. */
  onError(error: unknown, req: Request): void
  /** Not in production. */
  readonly hint?: Hint | undefined
}

export interface Walk {
  /** The route of a request; found once, however often it is asked for. */
  matchOf(req: Request): RouteMatch | undefined
  /** Where the route of an event stands, if there is one of this name. */
  eventPath(name: string): string | undefined
  /** Runs policies and action; `next()` when there is no route, `next(error)` when one of them fails. */
  follow(req: Request, res: Response, next: NextFunction): void
  /** Answers whatever was thrown. Never throws. */
  fail(error: unknown, req: Request, res: Response): void
}

const matchKey = Symbol('catamaran.match')
interface Matched extends Request {
  [matchKey]?: {
    readonly url: string
    readonly method: string
    readonly match: RouteMatch | undefined
  }
}

export function createWalk({ router, answerError, onError, hint }: WalkOptions): Walk {
  function matchOf(req: Matched): RouteMatch | undefined {
    const known = req[matchKey]
    const { url, method } = req
    if (known?.url === url && known.method === method) return known.match
    const match = router.match(method, req.path)
    req[matchKey] = { url, method, match }
    return match
  }

  /** A route whose steps have all gone on leaves the request to the next one of its address, as in Express. */
  function take(match: RouteMatch, req: Matched, rest: Rest): void {
    const { res, next } = rest
    req.params = match.params
    const goOn = (error?: unknown) => {
      const { url, method } = req
      const after = error ? undefined : router.matchAfter(match.route, method, req.path)
      if (!after) return next(error)
      req[matchKey] = { url, method, match: after }
      return take(after, req, rest)
    }
    const late = (error: unknown) => onError(error, req)
    run({ route: match.route, req, res, next: goOn as NextFunction, late, hint })
  }

  function follow(req: Request, res: Response, next: NextFunction): void {
    const match = matchOf(req)
    if (match) take(match, req, { res, next })
    else if (req.method === 'OPTIONS') {
      import('./routing/options.ts')
        .then(({ answerOptions }) => answerOptions(router, { req, res, next }))
        .catch(next)
    } else {
      next()
    }
  }

  function fail(thrown: unknown, req: Request, res: Response): void {
    const error = explained(thrown, req)
    const status = answerError(error, req, res)
    if (status >= 500) onError(error, req)
  }

  return { matchOf, eventPath: router.eventPath, follow, fail }
}

/** As in express-session nothing is left after a destroy; but what then fails says nothing of that. */
function explained(error: unknown, { session, sessionID }: Partial<Request>): unknown {
  const isGone = sessionID !== undefined && session === undefined
  if (!isGone || !(error instanceof TypeError)) return error
  if (!/^Cannot (\w+ propert\w+ of|convert|destructure .*) ?undefined/.test(error.message))
    return error
  return new CatamaranError('E_SESSION_DESTROYED', [], { cause: error })
}

/** What a request goes on with. */
interface Rest {
  readonly res: Response
  readonly next: NextFunction
}

interface Leg {
  readonly route: Route
  readonly req: Request
  readonly res: Response
  readonly next: NextFunction
  /** Told of what a step throws after it has already gone on. */
  late(error: unknown): void
  readonly hint: Hint | undefined
}

/** Runs the steps one after the other; each goes on by `next()`, answers, or returns the answer. */
function run(leg: Leg, index = 0): void {
  const { steps } = leg.route
  const step = steps[index]
  if (!step) {
    leg.next()
    return
  }
  let moved = false
  const next = (error?: unknown) => {
    if (moved) return
    moved = true
    if (error) leg.next(error)
    else run(leg, index + 1)
  }
  const fail = (error: unknown) => {
    // Whatever was thrown, `undefined` too: nobody goes on by throwing.
    const failure = error || new CatamaranError('E_SERVER')
    if (moved) leg.late(failure)
    else next(failure)
  }
  const answer = (value: unknown) => {
    if (!moved) reply(value, leg, { isLast: index === steps.length - 1, hasMoved: () => moved })
  }
  try {
    const value = step(leg.req, leg.res, next as NextFunction)
    if (value instanceof Promise) value.then(answer).catch(fail)
    else if (isThenable(value)) Promise.resolve(value).then(answer).catch(fail)
    else answer(value)
  } catch (error) {
    fail(error)
  }
}

interface Step {
  readonly isLast: boolean
  /** Whether it has called `next`. */
  hasMoved(): boolean
}

/** A returned value is the answer; nothing, `res`, or what can be none means the action answers by itself. */
function reply(value: unknown, leg: Leg, { isLast, hasMoved }: Step): void {
  const { route, req, res, next, hint } = leg
  const isNone = value === undefined || !isAnswer(value, res)
  // Who sends an event may wait for nothing: it is over when its action is.
  if (isNone && value !== res && isLast && req.method === 'ON') res.end()
  if (isNone) {
    if (!res.headersSent) hint?.('silent', route, res, hasMoved)
  } else if (res.headersSent) {
    // `return res.write(chunk)` tells whether there is room for more.
    if (typeof value !== 'boolean') hint?.('lost', route, res)
  } else if (value instanceof Error) next(value)
  else sendValue(res, value)
}
