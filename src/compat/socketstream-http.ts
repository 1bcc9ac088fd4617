/**
 * `ss.http`: routes by path, with the session loaded before and saved after, and middleware of one's own
 * before or behind it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hold } from '../session/express.ts'
import type { Visit } from '../session/visit.ts'
import type { SessionPart, StreamSession } from './socketstream-session.ts'

type Next = (error?: unknown) => void
export type HttpStep = (req: IncomingMessage, res: ServerResponse, next: Next) => unknown
export type HttpRoute = (req: HttpRequest, res: HttpAnswer) => unknown

/** A request with its session, loaded by itself. */
export interface HttpRequest extends IncomingMessage {
  session: StreamSession
  sessionID: string
}

/** An answer whose `end` takes a value behind its text, as SocketStream's document writes it. */
export type HttpAnswer = ServerResponse & {
  end(text: string, value: unknown): unknown
}

/** For `http.createServer(ss.http.middleware)`, or in an Express or Connect app. */
export type HttpMiddleware = ((req: IncomingMessage, res: ServerResponse, next?: Next) => void) & {
  /** Adds a step before the session. */
  prepend(step: HttpStep): void
  /** Adds a step between the session and the routes. */
  append(step: HttpStep): void
}

export interface SocketStreamHttp {
  readonly middleware: HttpMiddleware
  readonly router: {
    /** Serves a path; one that ends in `*` serves all that begin so. */
    on(path: string, route: HttpRoute): void
  }
  route(path: string, route: HttpRoute): void
}

/** @param onError - told of what no one handles; the answer is a 500 or 503 then */
export function createHttp(
  session: SessionPart,
  onError: (error: unknown) => void,
): SocketStreamHttp {
  const routes = new Map<string, HttpRoute>()
  const before: HttpStep[] = []
  const behind: HttpStep[] = []

  const middleware = (req: IncomingMessage, res: ServerResponse, next?: Next) => {
    const finish = next ?? ((error?: unknown) => answer(res, error))
    const open: HttpStep = (_req, _res, go) => openSession(req, res, { go, finish })
    const steps = [...before, open, ...behind, serveRoute]
    const proceed = (index: number, error?: unknown): void => {
      const step = steps[index]
      if (error || !step) finish(error)
      else
        run(step, req, res).then(
          (went) => went && proceed(index + 1),
          (fault: unknown) => finish(fault),
        )
    }
    proceed(0)
  }

  /** Tells whether the next step is to be run. */
  function run(step: HttpStep, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const next: Next = (error) => (error ? reject(error) : resolve(true))
      // An async step that fails has no other way to say so.
      Promise.resolve()
        .then(() => step(req, res, next))
        .catch(reject)
    })
  }

  /** @param then - what follows, and who is told when the session can't be stored in the end */
  async function openSession(
    req: IncomingMessage,
    res: ServerResponse,
    { go, finish }: { go: Next; finish: Next },
  ) {
    const { sessions, idsOf } = session.engine()
    const request = req as Visit['request']
    const visit = await sessions.open(request, idsOf(req))
    hold(sessions, { visit, res, next: finish, guardCaches: true })
    go()
  }

  function serveRoute(req: IncomingMessage, res: ServerResponse, next: Next): unknown {
    const [path = '/'] = (req.url ?? '/').split('?')
    const route = routes.get(path) ?? wildcard(path)
    if (!route) return next()
    joinTexts(res)
    return route(req as HttpRequest, res)
  }

  function wildcard(path: string): HttpRoute | undefined {
    const fits = ([name]: [string, HttpRoute]) =>
      name.endsWith('*') && path.startsWith(name.slice(0, -1))
    const [longest] = [...routes].filter(fits).sort(([a], [b]) => b.length - a.length)
    return longest?.[1]
  }

  function answer(res: ServerResponse, error: unknown): void {
    if (error) onError(error)
    if (res.headersSent) return void res.end()
    const status = Number(Object(error).status)
    res.statusCode = error ? (status >= 400 ? status : 500) : 404
    if (res.statusCode === 503) res.setHeader('Retry-After', '2')
    res.end(error ? 'Internal Server Error' : 'Not Found')
  }

  const on = (path: string, route: HttpRoute) => void routes.set(path, route)
  const prepend = (step: HttpStep) => void before.push(step)
  const append = (step: HttpStep) => void behind.push(step)
  return {
    middleware: Object.assign(middleware, { prepend, append }),
    router: { on },
    route: on,
  }
}

/**
 * SocketStream's document writes `res.end('updated to', value)`, where Node expects an encoding and throws;
 * what was meant is one text.
 */
function joinTexts(res: ServerResponse): void {
  const { end } = res
  res.end = ((...given: unknown[]) => {
    const [text, value] = given
    const isMeant = ['number', 'boolean'].includes(typeof value)
    return Reflect.apply(end, res, isMeant ? [`${text} ${value}`] : given)
  }) as typeof end
}
